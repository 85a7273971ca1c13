"""What the SDKs of Java and Go send, headers and bodies as they send them, on connections that they keep.

Taken down from Java 2.31 and Go v2; the signatures are made anew with an issued key, over the headers that each SDK signs.
"""
import base64
import http.client
import json
import re
import socket
import unittest
import zlib
from urllib.parse import urlsplit

from server import PICTURES, ServerTest, make_administrator
from signer import EMPTY, SIGNED_TRAILER, Signer, sha256


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


class Sdk:
    """A client of one service with one connection. `signed`, `unsigned`: headers that every request has."""

    signed, unsigned = {}, {}
    tells_hash = True  # in a header, of services other than S3 too

    def __init__(self, endpoint, key, service="s3"):
        self.parts, self.key, self.service = urlsplit(endpoint), key, service
        self.socket = socket.create_connection((self.parts.hostname, self.parts.port), timeout=30)

    def close(self):
        self.socket.close()

    def head(self, method, path, headers, length, query="", sent_query=None, unsigned=None, body=None):  # noqa: PLR0913
        """Sends a head, that of `body` where no header is to tell its hash; returns the signer and the signature that chunks
        follow on."""
        signer = Signer(*self.key, self.service)
        headers = {"Host": self.parts.netloc, **self.signed, **headers}
        if length:
            headers["Content-Length"] = str(length)
        seed = signer.authorize(method, path, headers, query, None if body is None else sha256(body))
        headers.update({**self.unsigned, **(unsigned or {})})
        target = path + ("?" + (sent_query if sent_query is not None else query) if query else "")
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        if not length and method in ("PUT", "POST"):
            lines.append("Content-Length: 0")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return signer, seed

    def wait_for_100(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.socket.recv(1)
        assert head.startswith(b"HTTP/1.1 100"), head

    def answer(self, method):
        """Status, headers and body of what comes back; the connection stays."""
        answer = http.client.HTTPResponse(self.socket, method=method)
        answer.begin()
        body = answer.read()
        return answer.status, answer.headers, body

    def call(self, method, path, headers=None, body=b"", **more):
        if self.tells_hash or self.service == "s3":
            headers = {"x-amz-content-sha256": sha256(body), **(headers or {})}
        else:
            more["body"] = body
        self.head(method, path, headers or {}, len(body), **more)
        self.socket.sendall(body)
        return self.answer(method)


class Java(Sdk):
    signed = {"amz-sdk-invocation-id": "ec37b645-409d-5d50-bd98-72097d37d74f", "amz-sdk-request": "attempt=1; max=4"}
    unsigned = {"User-Agent": "aws-sdk-java/2.31.78 md/io#sync md/http#Apache ua/2.1 api/S3#2.31.78 m/D,N",
                "Connection": "Keep-Alive"}

    def put(self, path, data, query=""):
        """Signed chunks and a signed checksum behind them, of known length, once the server has said 100."""
        trailers = [("x-amz-checksum-crc32", crc32(data))]
        pieces = [data[at:at + (128 << 10)] for at in range(0, len(data), 128 << 10)]
        length = sum(map(len, Signer("", "").chunks("", SIGNED_TRAILER, pieces, trailers)))
        headers = {"Content-Encoding": "aws-chunked", "Content-Type": "application/octet-stream",
                   "x-amz-content-sha256": SIGNED_TRAILER, "x-amz-decoded-content-length": str(len(data)),
                   "x-amz-sdk-checksum-algorithm": "CRC32", "x-amz-trailer": "x-amz-checksum-crc32"}
        signer, seed = self.head("PUT", path, headers, length, query, unsigned={"Expect": "100-continue"})
        self.wait_for_100()
        for piece in signer.chunks(seed, SIGNED_TRAILER, pieces, trailers):
            self.socket.sendall(piece)
        return self.answer("PUT")


class Go(Sdk):
    signed = {"Amz-Sdk-Invocation-Id": "39eee864-c8cb-4c83-b52a-abfeb0139a84", "Amz-Sdk-Request": "attempt=1; max=3"}
    unsigned = {"User-Agent": "aws-sdk-go-v2/1.47.7 ua/2.1 os/linux lang/go#1.26.8 md/GOOS#linux md/GOARCH#amd64 m/E,g"}
    tells_hash = False

    def put(self, path, data, query=""):
        """A hash and a checksum in the head; large bodies and empty ones wait for the server's 100."""
        headers = {"Accept-Encoding": "identity", "Content-Type": "application/octet-stream",
                   "X-Amz-Checksum-Crc32": crc32(data), "X-Amz-Content-Sha256": sha256(data)}
        waits = not data or len(data) >= 2 << 20
        self.head("PUT", path, headers, len(data), query, unsigned={"Expect": "100-continue"} if waits else {})
        if data and waits:
            self.wait_for_100()
        self.socket.sendall(data)
        return self.answer("PUT")


class ReplayTest(ServerTest):
    sdk = Java

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = make_administrator(cls.server.client("iam"), "replayer")
        cls.key = made["AccessKeyId"], made["SecretAccessKey"]
        cls.server.client("s3").create_bucket(Bucket="replays")

    def connect(self, service="s3"):
        client = self.sdk(self.server.endpoint, self.key, service)
        self.addCleanup(client.close)
        return client

    def json(self, client, target, version, value, **headers):
        body = json.dumps(value).encode()
        status, headers, body = client.call("POST", "/", {"Content-Type": f"application/x-amz-json-{version}",
                                                          "X-Amz-Target": target, **headers}, body)
        return status, headers, json.loads(body)


class JavaReplays(ReplayTest):
    def test_objects(self):
        s3 = self.connect()
        for data in (b"", b"x", bytes(range(256)) * 3000):
            status, headers, _ = s3.put("/replays/k%20%26%2B%C3%BC", data)
            self.assertEqual((status, headers["x-amz-checksum-crc32"]), (200, crc32(data)))
            status, headers, body = s3.call("GET", "/replays/k%20%26%2B%C3%BC", {
                "x-amz-checksum-mode": "ENABLED", "x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
            self.assertEqual((status, headers["x-amz-checksum-crc32"], body), (200, crc32(data), data))
            self.assertNotIn("Content-Encoding", headers)
        status, headers, body = s3.call("HEAD", "/replays/none", {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
        self.assertEqual((status, body), (404, b""))

    def test_a_checksum_of_a_body_that_is_none(self):
        s3 = self.connect()
        s3.put("/replays/key", b"content")
        stray = {"x-amz-checksum-crc32": "AAAAAA==", "x-amz-sdk-checksum-algorithm": "CRC32",
                 "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
        self.assertEqual(s3.call("GET", "/replays/key", stray)[::2], (200, b"content"))
        self.assertEqual(s3.call("HEAD", "/replays/key", stray)[0], 200)
        self.assertEqual(s3.call("DELETE", "/replays/key", stray)[0], 204)

    def test_an_upload_in_parts(self):
        s3 = self.connect()
        status, _, body = s3.call("POST", "/replays/parts", {"Content-Type": "binary/octet-stream",
                                                              "x-amz-checksum-algorithm": "CRC32"}, query="uploads=",
                                  sent_query="uploads")
        self.assertEqual(status, 200)
        upload = re.search(rb"<UploadId>(.*)</UploadId>", body)[1].decode()
        parts = {2: b"end", 1: bytes(5 << 20)}
        tags = {}
        for number, data in parts.items():
            _, headers, _ = s3.put("/replays/parts", data, f"partNumber={number}&uploadId={upload}")
            tags[number] = headers["ETag"].strip('"')
        listed = "".join(f"<Part><ETag>&quot;{tags[number]}&quot;</ETag><ChecksumCRC32>{crc32(parts[number])}</ChecksumCRC32>"
                         f"<PartNumber>{number}</PartNumber></Part>" for number in (1, 2))
        whole = ('<?xml version="1.0" encoding="UTF-8"?><CompleteMultipartUpload '
                 f'xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{listed}</CompleteMultipartUpload>')
        status, _, body = s3.call("POST", "/replays/parts", {"Content-Type": "application/xml"}, whole.encode(),
                                  query=f"uploadId={upload}")
        self.assertEqual(status, 200, body)
        self.assertEqual(s3.call("GET", "/replays/parts")[2], parts[1] + parts[2])

    def test_deleted_together_by_crc32_alone(self):
        s3 = self.connect()
        s3.put("/replays/a%26b", b"x")
        body = ('<?xml version="1.0" encoding="UTF-8"?><Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
                "<Object><Key>a&amp;b</Key></Object></Delete>").encode()
        headers = {"Content-Type": "application/xml", "x-amz-sdk-checksum-algorithm": "CRC32"}
        status, _, answer = s3.call("POST", "/replays", {**headers, "x-amz-checksum-crc32": crc32(body)}, body,
                                    query="delete=", sent_query="delete")
        self.assertEqual((status, b"<Key>a&amp;b</Key>" in answer), (200, True), answer)
        self.assertEqual(s3.call("GET", "/replays/a%26b")[0], 404)
        status, _, answer = s3.call("POST", "/replays", {**headers, "x-amz-checksum-crc32": "AAAAAA=="}, body,
                                    query="delete=", sent_query="delete")
        self.assertEqual((status, b"<Code>BadDigest<" in answer), (400, True), answer)
        status, _, answer = s3.call("POST", "/replays", {**headers, "Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, body,
                                    query="delete=", sent_query="delete")
        self.assertEqual((status, b"<Code>BadDigest<" in answer), (400, True), answer)
        status, _, answer = s3.call("POST", "/replays", {**headers, "Content-MD5": "none"}, body,
                                    query="delete=", sent_query="delete")
        self.assertEqual((status, b"<Code>InvalidDigest<" in answer), (400, True), answer)

    def test_pictures_queues_and_names(self):
        faces = self.connect("rekognition")
        picture = base64.b64encode((PICTURES / "astronaut.png").read_bytes()).decode()
        status, headers, answer = self.json(faces, "RekognitionService.DetectFaces", "1.1", {"Image": {"Bytes": picture}})
        self.assertEqual((status, len(answer["FaceDetails"])), (200, 1))
        self.assertIn("x-amzn-RequestId", headers)
        status, _, answer = self.json(faces, "RekognitionService.ListFaces", "1.1", {"CollectionId": "nowhere"})
        self.assertEqual((status, answer["__type"].rpartition("#")[2]), (400, "ResourceNotFoundException"))
        queues = self.connect("sqs")
        mode = {"x-amzn-query-mode": "true"}
        status, _, answer = self.json(queues, "AmazonSQS.CreateQueue", "1.0", {"QueueName": "replays"}, **mode)
        self.assertEqual((status, answer["QueueUrl"]), (200, f"{self.server.endpoint}/000000000000/replays"))
        status, headers, answer = self.json(queues, "AmazonSQS.GetQueueUrl", "1.0", {"QueueName": "none"}, **mode)
        self.assertEqual((status, answer["__type"].rpartition("#")[2]), (400, "QueueDoesNotExist"))
        self.assertEqual(headers["x-amzn-query-error"], "AWS.SimpleQueueService.NonExistentQueue;Sender")
        status, _, answer = self.connect("sts").call(
            "POST", "/", {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
            b"Action=GetCallerIdentity&Version=2011-06-15")
        self.assertEqual((status, b"user/replayer</Arn>" in answer), (200, True), answer)


class GoReplays(ReplayTest):
    sdk = Go

    def test_objects(self):
        s3 = self.connect()
        for data in (b"", b"x", bytes(range(256)) * 9000):
            status, headers, body = s3.put("/replays/k%20%26%2B%C3%BC", data, "x-id=PutObject")
            self.assertEqual((status, headers["x-amz-checksum-crc32"]), (200, crc32(data)), body)
            status, headers, body = s3.call(
                "GET", "/replays/k%20%26%2B%C3%BC", {"Accept-Encoding": "identity", "x-amz-checksum-mode": "ENABLED"},
                query="x-id=GetObject")
            self.assertEqual((status, headers["x-amz-checksum-crc32"], body), (200, crc32(data), data))

    def test_an_upload_in_parts(self):
        s3 = self.connect()
        status, _, body = s3.call("POST", "/replays/parts", {"Accept-Encoding": "identity",
                                                              "x-amz-checksum-algorithm": "CRC32"}, query="uploads=")
        self.assertEqual(status, 200)
        upload = re.search(rb"<UploadId>(.*)</UploadId>", body)[1].decode()
        parts = {1: bytes(5 << 20), 2: b"end"}
        listed = ""
        for number, data in parts.items():
            _, headers, _ = s3.put("/replays/parts", data, f"partNumber={number}&uploadId={upload}&x-id=UploadPart")
            tag = headers["ETag"].replace('"', "&#34;")
            listed += f"<Part><ChecksumCRC32>{crc32(data)}</ChecksumCRC32><ETag>{tag}</ETag><PartNumber>{number}</PartNumber></Part>"
        whole = f'<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{listed}</CompleteMultipartUpload>'
        status, _, body = s3.call("POST", "/replays/parts", {"Content-Type": "application/xml"}, whole.encode(),
                                  query=f"uploadId={upload}")
        self.assertEqual(status, 200, body)
        self.assertEqual(s3.call("GET", "/replays/parts", query="x-id=GetObject")[2], parts[1] + parts[2])

    def test_pictures_and_names_without_a_header_for_the_hash(self):
        picture = base64.b64encode((PICTURES / "astronaut.png").read_bytes()).decode()
        status, _, answer = self.json(self.connect("rekognition"), "RekognitionService.DetectFaces", "1.1",
                                      {"Image": {"Bytes": picture}})
        self.assertEqual((status, len(answer["FaceDetails"])), (200, 1))
        status, headers, answer = self.json(self.connect("sqs"), "AmazonSQS.GetQueueUrl", "1.0", {"QueueName": "none"},
                                            **{"X-Amzn-Query-Mode": "true"})
        self.assertEqual((status, answer["__type"].rpartition("#")[2]), (400, "QueueDoesNotExist"))
        self.assertEqual(headers["x-amzn-query-error"], "AWS.SimpleQueueService.NonExistentQueue;Sender")
        sts = self.connect("sts")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _, answer = sts.call("POST", "/", form, b"Action=GetCallerIdentity&Version=2011-06-15")
        self.assertEqual((status, b"user/replayer</Arn>" in answer), (200, True), answer)
        sts.head("POST", "/", form, 43, body=b"Action=GetCallerIdentity&Version=2011-06-15")
        sts.socket.sendall(b"Action=GetCallerIdentity&Version=2011-06-16")
        self.assertEqual(sts.answer("POST")[0], 403)


del ReplayTest, ServerTest  # they have no tests of their own


if __name__ == "__main__":
    unittest.main()
