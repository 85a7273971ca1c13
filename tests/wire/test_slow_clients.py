"""Clients that send or read next to nothing, and what is left for the others: no thread of the server waits for
one of them, in whatever framing."""
import itertools
import socket
import ssl
import time
import unittest
from urllib.parse import urlsplit

from server import Config, ServerTest
from signer import UNSIGNED_TRAILER, Signer

CROWD = 60
DECLARED = 1_000_000
SOME = b"s" * 2200
LARGE = b"l" * (8 << 20)
QUICK = 0.1  # seconds; more where the machine is so busy that a call takes long without slow clients too


class SlowClients:
    """Over HTTP and over TLS."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.s3 = cls.server.client("s3", verify=False, config=Config(s3={"payload_signing_enabled": False}))
        cls.s3.create_bucket(Bucket="slow")
        cls.s3.put_object(Bucket="slow", Key="large", Body=LARGE)
        cls.s3.put_object(Bucket="slow", Key="small", Body=b"1")
        cls.alone = cls.times()

    def open(self, method, key, headers, small_window=False):
        """A connection that has sent the head of a request."""
        parts = urlsplit(self.server.endpoint)
        headers = {"host": parts.netloc, **headers}
        Signer("test", "test").authorize(method, f"/slow/{key}", headers)
        connection = socket.socket()
        self.addCleanup(connection.close)
        if small_window:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(30)
        connection.connect((parts.hostname, parts.port))
        if parts.scheme == "https":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            connection = context.wrap_socket(connection)
            self.addCleanup(connection.close)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        connection.sendall(f"{method} /slow/{key} HTTP/1.1\r\n{lines}\r\n".encode())
        return connection

    def sender(self, framing, key):
        """A PUT of a megabyte of which a little has come, and what is left of it."""
        if framing == "aws-chunked":
            start = b"%x\r\n" % DECLARED
            end = b"\r\n0\r\n\r\n"
            headers = {"x-amz-content-sha256": UNSIGNED_TRAILER, "content-encoding": "aws-chunked",
                       "x-amz-decoded-content-length": str(DECLARED), "Content-Length": str(len(start) + DECLARED + len(end))}
        else:
            start, end = (b"%x\r\n" % DECLARED, b"\r\n0\r\n\r\n") if framing == "chunked" else (b"", b"")
            headers = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
            headers |= {"Transfer-Encoding": "chunked"} if framing == "chunked" else {"Content-Length": str(DECLARED)}
            if framing == "expect":
                headers["Expect"] = "100-continue"
        connection = self.open("PUT", key, headers)
        if framing == "expect":
            self.assertEqual(connection.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(start + SOME)
        return connection, b"s" * (DECLARED - 2 * len(SOME)) + end

    @classmethod
    def times(cls):
        """What a normal PUT, GET and Copy take at best, in seconds."""
        calls = {"PUT": lambda: cls.s3.put_object(Bucket="slow", Key="one", Body=b"1"),
                 "GET": lambda: cls.s3.get_object(Bucket="slow", Key="small")["Body"].read(),
                 "Copy": lambda: cls.s3.copy_object(Bucket="slow", Key="two", CopySource="slow/small")}
        best = {}
        for name, call in calls.items():
            for _ in range(5):
                begin = time.monotonic()
                call()
                best[name] = min(best.get(name, QUICK * 1000), time.monotonic() - begin)
        return best

    def beside(self):
        for name, seconds in self.times().items():
            self.assertLessEqual(seconds, max(QUICK, 5 * self.alone[name]), name)

    def test_slow_senders(self):
        framings = itertools.cycle(["plain", "chunked", "aws-chunked", "expect"])
        senders = [self.sender(next(framings), f"sent-{i}") for i in range(CROWD)]
        self.beside()
        for connection, _ in senders:
            connection.sendall(SOME)
        self.beside()
        for i in range(4):  # one of each framing
            connection, rest = senders[i]
            connection.sendall(rest)
            self.assertIn(b" 200 ", connection.recv(1000))
            self.assertEqual(self.s3.get_object(Bucket="slow", Key=f"sent-{i}")["Body"].read(), b"s" * DECLARED)

    def test_slow_readers(self):
        readers = [self.open("GET", "large", {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, small_window=i > 0)
                   for i in range(CROWD)]
        got = [reader.recv(2200) for reader in readers][0]
        self.beside()
        while (end := got.find(b"\r\n\r\n")) < 0 or len(got) < end + 4 + len(LARGE):
            got += readers[0].recv(1 << 20)
        self.assertIn(b" 200 ", got[:end])
        self.assertEqual(got[end + 4:], LARGE)


class SlowClientsOverHttp(SlowClients, ServerTest):
    def metric(self, name):
        status, text = self.server.get("/metrics")
        self.assertEqual(status, 200)
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(name + " "))

    def test_the_metrics_name_the_bound(self):
        limit = self.metric("sightline_buffered_bytes_limit")
        self.assertLessEqual(self.metric("sightline_buffered_bytes"), limit)
        self.assertGreater(self.metric("sightline_least_speed_bytes_per_second"), 0)
        sender, _ = self.sender("plain", "counted")
        self.addCleanup(sender.close)
        while self.metric("sightline_buffered_bytes") < len(SOME):
            time.sleep(0.01)
        self.assertGreaterEqual(self.metric("sightline_transfers"), 1)


    def test_many_that_are_cut_at_once_are_all_told_why(self):
        many = 600  # more than the pool has threads and places for
        senders = [self.open("PUT", f"cut-{i}", {"x-amz-content-sha256": "UNSIGNED-PAYLOAD", "Content-Length": str(DECLARED)})
                   for i in range(many)]
        for sender in senders:
            sender.sendall(SOME)
        for sender in senders:
            answer = sender.recv(65536)
            self.assertIn(b" 400 ", answer.split(b"\r\n")[0])
            self.assertIn(b"<Code>RequestTimeout</Code>", answer)


class SlowClientsOverTls(SlowClients, ServerTest):
    flags = ("--tls-self-signed",)


if __name__ == "__main__":
    unittest.main()
