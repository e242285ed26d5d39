"""Portals that send slowly, and TLS that breaks at any moment: every call ends with the right error in time."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from b24app.bitrix24.calls import Call
from b24app.bitrix24.client import Client
from b24app.bitrix24.connections import Connections
from b24app.bitrix24.oauth import Authorities
from b24app.bitrix24.timeouts import Timeouts
from b24app.errors import AnswerLost, CallFailed, Unreachable

CALL = Call("crm.timeline.logmessage.add", {"fields": {"title": "a"}})
Serve = Callable[[socket.socket], None]


@contextmanager
def serving(serve: Serve) -> Iterator[int]:
    """The port of a server that meets its only visitor like that."""

    def meet() -> None:
        connection, _ = listener.accept()
        with connection:
            serve(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=meet, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def hear(connection: socket.socket) -> None:
    """A question to its end: JSON, or the form of a renewal."""
    heard = b""
    while not (heard.endswith(b"}") or b"client_secret=" in heard) and (part := connection.recv(65536)):
        heard += part


def failure(client: Client, endpoint: str) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        client.call(endpoint, "token", CALL)
    return caught.value


class TestDripping:
    """Each byte comes in time; all of them together do not."""

    MOST_BYTES = 100

    def drip(self, beginning: bytes, drop: bytes) -> Serve:
        has_left = threading.Event()

        def serve(connection: socket.socket) -> None:
            hear(connection)
            connection.sendall(beginning)
            for _ in range(self.MOST_BYTES):
                try:
                    connection.sendall(drop)
                except OSError:
                    return
                has_left.wait(0.05)

        return serve

    @pytest.mark.parametrize(
        ("beginning", "drop"),
        [
            (b"HTTP/1.1 200 O", b"K"),
            (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
            (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" "),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        ],
        ids=["status", "head", "again and again", "body", "chunks"],
    )
    def test_an_answer_has_to_come_as_a_whole_in_time(self, beginning: bytes, drop: bytes) -> None:
        client = Client(Connections(is_insecure_allowed=True), Timeouts(connect_seconds=1, read_seconds=0.2))
        with serving(self.drip(beginning, drop)) as port:
            started = time.monotonic()
            lost = failure(client, f"http://127.0.0.1:{port}/rest/")
            seconds = time.monotonic() - started
        assert (type(lost), lost.code) == (AnswerLost, "READ_TIMEOUT")
        assert seconds < 2

    def test_neither_has_one_to_a_renewal_more_time(self) -> None:
        client = Client(Connections(is_insecure_allowed=True), Timeouts(connect_seconds=1, read_seconds=0.2))
        with serving(self.drip(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x")) as port:
            address = f"http://127.0.0.1:{port}"
            authorities = Authorities((address,), client, "id", "secret", lambda _: None, is_insecure_allowed=True)
            started = time.monotonic()
            with pytest.raises(AnswerLost):
                authorities.renew(address, "refresh")
            assert time.monotonic() - started < 2

    def test_a_slow_answer_that_is_whole_in_time_is_read(self) -> None:
        body = b'{"result": true}'
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        has_left = threading.Event()

        def serve(connection: socket.socket) -> None:
            hear(connection)
            for byte in head + body:
                connection.sendall(bytes([byte]))
                has_left.wait(0.001)

        client = Client(Connections(is_insecure_allowed=True), Timeouts(connect_seconds=1, read_seconds=10))
        with serving(serve) as port:
            assert client.call(f"http://127.0.0.1:{port}/rest/", "token", CALL) is True


class TestConnecting:
    """A host with many addresses, some of which do not answer."""

    @pytest.fixture
    def silent(self) -> Iterator[tuple[str, int]]:
        """An address that never takes a connection: its backlog is full."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            waiting = []
            for _ in range(4):
                one = socket.socket()
                one.setblocking(False)
                one.connect_ex(listener.getsockname())
                waiting.append(one)
            yield listener.getsockname()
            for one in waiting:
                one.close()

    def resolve(self, monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
        """What a name server of a portal says; the resolver is the system's, not ours."""
        known = socket.getaddrinfo

        def answer(host: str, port: int, *args: int) -> object:
            return (
                [found for one in addresses for found in known(one, port, *args)]
                if host == "portal.test"
                else known(host, port, *args)
            )

        monkeypatch.setattr(socket, "getaddrinfo", answer)

    def test_all_addresses_together_have_the_time_of_one(
        self, monkeypatch: pytest.MonkeyPatch, silent: tuple[str, int]
    ) -> None:
        self.resolve(monkeypatch, *[silent[0]] * 8)
        client = Client(Connections(is_insecure_allowed=True), Timeouts(connect_seconds=0.5, read_seconds=5))
        started = time.monotonic()
        lost = failure(client, f"http://portal.test:{silent[1]}/rest/")
        assert (type(lost), lost.code) == (Unreachable, "CONNECT_TIMEOUT")
        assert time.monotonic() - started < 1.5

    def test_a_silent_address_does_not_take_the_time_of_one_that_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def serve(connection: socket.socket) -> None:
            hear(connection)
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\nConnection: close\r\n\r\n{"result": true}')

        client = Client(Connections(is_insecure_allowed=True), Timeouts(connect_seconds=1, read_seconds=5))
        with serving(serve) as port:
            self.resolve(monkeypatch, "127.0.0.2", "127.0.0.1")
            assert client.call(f"http://portal.test:{port}/rest/", "token", CALL) is True


class TestTls:
    """Whether TLS failed before anything was asked, or after."""

    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        signed = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        pem = serialization.Encoding.PEM
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path = tmp_path / "localhost.pem"
        path.write_bytes(private + signed.sign(key, hashes.SHA256()).public_bytes(pem))
        return path

    @pytest.fixture
    def client(self, certificate: Path) -> Client:
        """It trusts that certificate, and no other."""
        trusting = Connections(is_insecure_allowed=True, ca_bundle=str(certificate))
        return Client(trusting, Timeouts(connect_seconds=5, read_seconds=5))

    def speak(self, certificate: Path, then: Callable[[ssl.SSLSocket], None]) -> Serve:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

        def serve(connection: socket.socket) -> None:
            try:
                with context.wrap_socket(connection, server_side=True) as protected:
                    then(protected)
            except OSError:
                return  # the visitor has left, or never trusted us

        return serve

    def test_an_answer_is_read(self, client: Client, certificate: Path) -> None:
        def answer(protected: ssl.SSLSocket) -> None:
            hear(protected)
            protected.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\nConnection: close\r\n\r\n{"result": true}')

        with serving(self.speak(certificate, answer)) as port:
            assert client.call(f"https://localhost:{port}/rest/", "token", CALL) is True

    @pytest.mark.parametrize(
        "broken",
        [b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", b"\x17\x03\x03\x00\x30" + bytes(48), b""],
        ids=["no TLS any more", "a forged record", "an end without a farewell"],
    )
    def test_tls_that_breaks_after_the_question_leaves_it_open(
        self, client: Client, certificate: Path, broken: bytes
    ) -> None:
        def answer(protected: ssl.SSLSocket) -> None:
            hear(protected)
            with socket.socket(fileno=protected.detach()) as beneath:
                beneath.sendall(broken)

        with serving(self.speak(certificate, answer)) as port:
            assert isinstance(failure(client, f"https://localhost:{port}/rest/"), AnswerLost)

    def test_to_a_certificate_that_is_not_trusted_nothing_was_sent(self, certificate: Path) -> None:
        client = Client(Connections(is_insecure_allowed=True), Timeouts(connect_seconds=5, read_seconds=5))
        with serving(self.speak(certificate, hear)) as port:
            lost = failure(client, f"https://localhost:{port}/rest/")
        assert (type(lost), lost.code) == (Unreachable, "TLS_FAILED")

    @pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""], ids=["no TLS", "hangs up"])
    def test_a_handshake_that_fails_has_sent_nothing(self, client: Client, greeting: bytes) -> None:
        def serve(connection: socket.socket) -> None:
            connection.recv(65536)
            connection.sendall(greeting)

        with serving(serve) as port:
            lost = failure(client, f"https://localhost:{port}/rest/")
        assert (type(lost), lost.code) == (Unreachable, "TLS_FAILED")
