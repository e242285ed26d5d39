"""Real names and real TLS before a plain port: a proxy that ends TLS itself, with a certificate of its own."""

import datetime
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Proxy:
    """An HTTPS proxy on loopback: CONNECT to one of `ports`' names reaches that local port, in the clear."""

    def __init__(self, names: list[str], folder: Path) -> None:
        self.ports: dict[str, int] = {}
        self.certificate = folder / "proxy.pem"
        make_certificate(names, self.certificate)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._take_in, daemon=True)
        self._thread.start()

    @property
    def environment(self) -> Mapping[str, str]:
        """What makes any client that reads its environment use it and trust it."""
        return {"HTTPS_PROXY": self.url, "REQUESTS_CA_BUNDLE": str(self.certificate), "NO_PROXY": "127.0.0.1,localhost"}

    def stop(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _take_in(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            asked = connection.recv(65_536).split(b" ")
            port = self.ports.get(asked[1].decode().partition(":")[0])
            if asked[0] != b"CONNECT" or port is None:
                connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                return
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with (
                self._context.wrap_socket(connection, server_side=True) as clear,
                socket.create_connection(("127.0.0.1", port)) as target,
            ):
                back = threading.Thread(target=pour, args=(target, clear), daemon=True)
                back.start()
                pour(clear, target)
                back.join(5)


def pour(source: socket.socket, target: socket.socket) -> None:
    """Everything from one to the other; the end of one is the end of the other."""
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


def make_certificate(names: list[str], path: Path, days: int = 2) -> None:
    """Key and self-signed certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    today = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=9))
        .not_valid_after(today + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    certificate = builder.sign(key, hashes.SHA256())
    plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + certificate.public_bytes(pem))
