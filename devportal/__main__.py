"""Runs the portal in a box alone: `python -m devportal --app-url … --client-id … --client-secret …`."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from queue import SimpleQueue

from .box import Box
from .model.applications import DEFAULT_SCOPE
from .model.portal_state import KINDS, Kind
from .rest import own_methods


def main() -> int:
    given = arguments().parse_args()
    signals = end_signals()
    try:
        box = make_box(given)
    except OSError as error:
        print(f"The portal in a box cannot listen: {error.strerror or error}. Choose other ports.", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"The portal in a box cannot start: {error}.", file=sys.stderr)
        return 1
    with box:
        for portal in box.portals:
            print(f"Portal: {portal.url}/ ({portal.name}, {portal.kind})")
        print(f"Authorization server: {box.authority_url}/", flush=True)
        signals.get()
    return 0


def make_box(given: argparse.Namespace) -> Box:
    """The box that the arguments describe; raises OSError for a taken port and ValueError for invalid arguments."""
    for path in given.methods:
        print(f"Methods of {path}: {', '.join(own_methods.load(path))}")
    box = Box(
        app_url=given.app_url,
        client_id=given.client_id,
        client_secret=given.client_secret,
        title=given.name,
        scope=given.scope,
        host=given.host,
        port=given.port,
        oauth_port=given.oauth_port,
        state_path=given.state,
    )
    for kind, name in given.portal:
        if name not in [portal.name for portal in box.portals]:
            box.add_portal(kind, name)
    return box


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devportal", description="A Bitrix24 portal in a box.")
    parser.add_argument("--app-url", required=True, help="base address of the application, no trailing slash")
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--client-secret", required=True)
    parser.add_argument("--name", default="", help="the application's name on the portal's pages (default: client id)")
    parser.add_argument("--scope", default=DEFAULT_SCOPE, help=f"its scopes, by commas (default: {DEFAULT_SCOPE})")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    parser.add_argument("--port", type=int, default=0, help="the portal's port (default: a free one)")
    parser.add_argument("--oauth-port", type=int, default=0, help="the authorization server's port")
    parser.add_argument("--state", type=Path, help="file that keeps the portals over a restart (default: memory only)")
    parser.add_argument(
        "--methods",
        type=Path,
        action="append",
        default=[],
        metavar="FILE.py",
        help="a file with REST methods of your own; may be given more than once",
    )
    parser.add_argument(
        "--portal",
        type=another_portal,
        action="append",
        default=[],
        metavar="KIND:NAME",
        help="another portal, cloud or on-premise; may be given more than once",
    )
    return parser


def another_portal(text: str) -> tuple[Kind, str]:
    kind, _, name = text.partition(":")
    if kind not in KINDS or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not like on-premise:Workshop")
    return KINDS[kind], name


def end_signals() -> SimpleQueue[int]:
    """Where Ctrl-C and SIGTERM arrive."""
    signals: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: signals.put(number))
    return signals


if __name__ == "__main__":
    sys.exit(main())
