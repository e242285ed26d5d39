"""Serves our scripts, styles and images, which are read at startup and compressed once."""

import hashlib
import mimetypes
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from b24app.web import compression

YEAR_SECONDS = 365 * 24 * 3600
COMPRESSED = {".css", ".js", ".svg"}
# For readers and type checkers: comments, types of expressions, indentation.
COMMENTS = re.compile(rb"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.DOTALL | re.MULTILINE)
TYPES = re.compile(rb"/\*\* @type (?:(?!\*/)[^\n])*\*/ ")
INDENTATION = re.compile(rb"^\s+", re.MULTILINE)
# Static imports of a module, by relative paths.
IMPORTS = re.compile(rb'(?<=from ")\.{1,2}/[\w./]+\.js(?=";)')
# Dynamic imports of a module.
LATER = re.compile(rb'(?<=import\(")\.{1,2}/[\w./]+\.js(?="\))')
HEADERS = [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Vary", "Accept-Encoding")]

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


class StaticFile:
    """A file as it is sent, with the hash of its bytes; ``imported`` are all modules that it imports."""

    def __init__(self, path: Path, find: Callable[[Path], "StaticFile"]) -> None:
        body = path.read_bytes()
        self.path = path
        self.imported: dict[Path, StaticFile] = {}
        self.body = _shortened(body) if path.suffix in {".css", ".js"} else body
        if path.suffix == ".js":
            self.body = IMPORTS.sub(lambda found: self._with_hash(found[0], find), self.body)
            self.body = LATER.sub(lambda found: _hashed(found[0], self._module(found[0], find)), self.body)
        self.hash = hashlib.sha256(self.body).hexdigest()[:12]
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        self.type = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
        self.is_compressed = path.suffix in COMPRESSED
        self._in = lru_cache(lambda encoding: compression.compress(self.body, encoding, is_for_all=True))

    def _with_hash(self, address: bytes, find: Callable[[Path], "StaticFile"]) -> bytes:
        """The path of an imported module with its hash, as in pages, so that browsers can cache it forever."""
        module = self._module(address, find)
        self.imported |= {**module.imported, module.path: module}
        return _hashed(address, module)

    def _module(self, address: bytes, find: Callable[[Path], "StaticFile"]) -> "StaticFile":
        return find((self.path.parent / address.decode()).resolve())

    def encoded(self, accepted: str) -> tuple[str, bytes]:
        """The encoding and the bytes for an Accept-Encoding header; compressed at first use."""
        encoding = compression.choose(accepted) if self.is_compressed else ""
        return encoding, self._in(encoding) if encoding else self.body


def _shortened(source: bytes) -> bytes:
    """A script or style without what browsers do not need; it must have no multi-line strings."""
    return INDENTATION.sub(b"", TYPES.sub(b"", COMMENTS.sub(b"", source)))


def _hashed(address: bytes, module: StaticFile) -> bytes:
    return address + b"?v=" + module.hash.encode()


class StaticFiles:
    """Answers GET and HEAD below ``prefix`` for the files of a folder, and passes on all other requests."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._prefix = f"{prefix}/"
        self._folder = folder.resolve()
        self.files: dict[str, StaticFile] = {}
        for path in sorted(self._folder.rglob("*")):
            if path.is_file():
                self._find(path)

    def imported_by(self, name: str) -> list[str]:
        """The names of all modules that a script imports, so that pages can preload them."""
        return [self._name_of(path) for path in self.files[name].imported]

    def _find(self, path: Path) -> StaticFile:
        """The file, read at first use; imported modules are read before those that import them."""
        name = self._name_of(path)
        if name not in self.files:
            self.files[name] = StaticFile(path, self._find)
        return self.files[name]

    def _name_of(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def before(self, application: Application) -> Application:
        def answer(environ: Environ, start_response: Any) -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "")
            file = self.files.get(path.removeprefix(self._prefix)) if path.startswith(self._prefix) else None
            if file is None or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
                return application(environ, start_response)
            return _send(file, environ, start_response)

        return answer


def _send(file: StaticFile, environ: Environ, start_response: Any) -> Iterable[bytes]:
    encoding, body = file.encoded(environ.get("HTTP_ACCEPT_ENCODING", ""))
    headers = [*HEADERS, ("Content-Type", file.type), ("Content-Length", str(len(body))), _caching(file, environ)]
    if encoding:
        headers.append(("Content-Encoding", encoding))
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _caching(file: StaticFile, environ: Environ) -> tuple[str, str]:
    """Cache forever only under the file's current hash: versions running side by side get each other's requests."""
    is_hashed = parse_qs(environ.get("QUERY_STRING", "")).get("v") == [file.hash]
    return "Cache-Control", f"public, max-age={YEAR_SECONDS}, immutable" if is_hashed else "no-store"
