"""Every way in which a client may frame and sign a body, and none of them forged.

boto3 and the CLI use two of them; Java signs its chunks and trailing headers, Go sends unsigned chunks with a
Content-Length. The requests are made by hand here.
"""
import base64
import http.client
import unittest
import zlib
from urllib.parse import urlsplit

from server import ServerTest, make_administrator
from signer import SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER, Signer, sha256

DATA = bytes(range(256)) * 100
SIZES = (8192, 8192, 4096, 5120)


class Framings(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = make_administrator(cls.server.client("iam"), "framer")
        cls.key = made["AccessKeyId"], made["SecretAccessKey"]
        cls.s3 = cls.server.client("s3", key=cls.key[0], secret=cls.key[1])
        cls.s3.create_bucket(Bucket="framings")

    def send(self, body_of, payload, headers=None, wrapped=False, key=None):
        """PUTs an object; `body_of` makes the pieces of the body from the signer and the head's signature."""
        parts = urlsplit(self.server.endpoint)
        signer = Signer(*(key or self.key))
        headers = {"host": parts.netloc, "x-amz-content-sha256": payload, **(headers or {})}
        seed = signer.authorize("PUT", "/framings/key", headers)
        pieces = list(body_of(signer, seed))
        if wrapped:
            headers["Transfer-Encoding"] = "chunked"
            body = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces if piece) + b"0\r\n\r\n"
        else:
            body = b"".join(pieces)
            headers["Content-Length"] = str(len(body))
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        connection.putrequest("PUT", "/framings/key", skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status == 200:
            return "OK"
        return text.split("<Code>")[1].split("<")[0]

    def chunked(self, payload, change=None, told=None, **more):
        pieces, at = [], 0
        for size in SIZES:
            pieces.append(DATA[at:at + size])
            at += size
        data = b"".join(pieces)
        trailers = []
        headers = {"content-encoding": "aws-chunked,gzip", "x-amz-decoded-content-length": str(len(data))}
        if payload != SIGNED:
            trailers = [("x-amz-checksum-crc32", told or base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode())]
            headers["x-amz-trailer"] = "x-amz-checksum-crc32"

        def body(signer, seed):
            for piece in signer.chunks(seed, payload, pieces, trailers):
                yield change(piece) if change else piece

        return self.send(body, payload, headers, **more), data

    def setUp(self):
        self.s3.delete_object(Bucket="framings", Key="key")

    def check(self, outcome, data):
        self.assertEqual(outcome, "OK")
        got = self.s3.get_object(Bucket="framings", Key="key")
        self.assertEqual(got["Body"].read(), data)
        return got

    def nothing_is_there(self):
        with self.assertRaises(self.s3.exceptions.NoSuchKey):
            self.s3.get_object(Bucket="framings", Key="key")

    def test_chunks_in_every_framing(self):
        for payload in (SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER):
            for wrapped in (False, True):
                with self.subTest(payload=payload, wrapped=wrapped):
                    got = self.check(*self.chunked(payload, wrapped=wrapped))
                    self.assertEqual(got["ContentEncoding"], "gzip")

    def test_a_hash_and_none(self):
        for payload in (sha256(DATA), "UNSIGNED-PAYLOAD"):
            for wrapped in (False, True):
                self.check(self.send(lambda *_: [DATA], payload, wrapped=wrapped), DATA)

    def test_another_body_than_was_signed(self):
        self.assertEqual(self.send(lambda *_: [DATA + b"x"], sha256(DATA)), "XAmzContentSHA256Mismatch")
        for payload in (SIGNED, SIGNED_TRAILER):
            outcome, _ = self.chunked(payload, change=lambda piece: piece.replace(b"\x00\x01\x02", b"\x00\x01\x03", 1))
            self.assertEqual(outcome, "SignatureDoesNotMatch")
        self.nothing_is_there()

    def test_a_trailing_checksum_that_is_wrong(self):
        self.assertEqual(self.chunked(UNSIGNED_TRAILER, told="AAAAAA==")[0], "BadDigest")
        self.assertEqual(self.chunked(SIGNED_TRAILER, told="AAAAAA==")[0], "BadDigest")
        self.assertEqual(self.chunked(UNSIGNED_TRAILER, told="A")[0], "InvalidRequest")
        self.nothing_is_there()

    def test_a_body_that_is_too_short(self):
        short = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": "5"}
        self.assertEqual(self.send(lambda signer, seed: signer.chunks(seed, SIGNED, [b"1234"]), SIGNED, short),
                         "IncompleteBody")
        self.nothing_is_there()

    def test_a_forged_secret(self):
        self.assertEqual(self.send(lambda *_: [DATA], sha256(DATA), key=(self.key[0], "x" * 40)),
                         "SignatureDoesNotMatch")

    def test_an_unknown_key_is_taken_at_its_word_in_local_mode(self):
        for payload in (SIGNED, SIGNED_TRAILER):
            self.check(*self.chunked(payload, key=("ANYONE", "anything")))

    def test_the_client_waits_for_its_100(self):
        parts = urlsplit(self.server.endpoint)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        headers = {"host": parts.netloc, "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
        Signer(*self.key).authorize("PUT", "/nobodys/key", headers)
        connection.putrequest("PUT", "/nobodys/key", skip_host=True)
        for name, value in {**headers, "Expect": "100-continue", "Content-Length": "1000000"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        # Refused before the body was asked for: the answer is the first thing that comes.
        self.assertEqual(connection.sock.recv(12), b"HTTP/1.1 404")
        connection.close()


if __name__ == "__main__":
    unittest.main()
