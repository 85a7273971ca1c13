"""What botocore signs, the verifier accepts; and what is changed after that, it does not."""
import os
import random
import subprocess
import sys
import time
import unittest
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("SIGHTLINE_CACHE") or
             Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sightline")
PROGRAM = Path(os.environ.get("SIGHTLINE_PROGRAM", ROOT / "build/release/bin/sightline")).parent / "check_signature"
sys.path.insert(0, str(CACHE / "botocore"))

from botocore import auth, awsrequest, credentials, utils  # noqa: E402

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
PIECES = ["a", "Z", "0", " ", "  ", "+", "%", "%20", "%2F", "/", "//", ".", "..", "./", "~", "*", "'", "(", ")", "!", "&", "=",
          "?", "#", "@", ":", ",", ";", "$", "\u00e4", "\u1234", "\U0001f600", "\\", "|", '"', "<", "^", "`", "{", "[", "\t"]


def text(choose, longest, pieces):
    return "".join(choose.choice(pieces) for _ in range(choose.randrange(longest)))


class Request:
    """What one signer made, as it would come over the wire."""

    def __init__(self, service, request, bucket=""):
        prepared = request.prepare()
        parts = urlsplit(prepared.url)
        self.service, self.bucket, self.method = service, bucket, prepared.method
        self.target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.headers = [(name, value.decode() if isinstance(value, bytes) else str(value))
                        for name, value in prepared.headers.items()]
        if "host" not in {name.lower() for name, _ in self.headers}:
            self.headers.append(("Host", parts.netloc))
        body = prepared.body or b""
        self.body = body.encode() if isinstance(body, str) else bytes(body)

    def block(self, now, secret=SECRET):
        lines = [self.service, str(now), secret, self.bucket, self.method, self.target]
        lines += [f"{name}:{value}" for name, value in self.headers]
        return "\n".join([*lines, "", self.body.hex(), ""])


def check(requests, now=None, secret=SECRET):
    now = now or int(time.time())
    done = subprocess.run([PROGRAM], input="".join(r.block(now, secret) for r in requests), capture_output=True,
                          encoding="utf-8", check=True, timeout=60)
    return done.stdout.splitlines()


def random_headers(choose, service):
    headers = {}
    for name in ("x-amz-meta-note", "X-Amz-Meta-UPPER", "My-Header", "Content-Type", "Range"):
        if choose.random() < 0.4:
            headers[name] = text(choose, 8, ["a", " ", "  ", "b", ",", ";", "\"", "=", "\t", "7"]).strip() or "v"
    if service != "s3":
        headers["X-Amz-Target"] = "AmazonSQS.SendMessage"
    return headers


def random_request(choose, service, bucket=""):
    host = f"{bucket}.localhost:4566" if bucket else choose.choice(["127.0.0.1:4566", "localhost", "s3.us-east-1.example.org"])
    path = "/" + text(choose, 8, PIECES)
    query = [(text(choose, 3, PIECES) or "k", text(choose, 4, PIECES)) for _ in range(choose.randrange(5))]
    if choose.random() < 0.3:
        query += [("same", "2"), ("same", "1"), ("same", ""), ("Same", "3")]
    url = f"http://{host}{quote(path, safe='/~')}"
    if query:
        url += "?" + utils.percent_encode_sequence(query)
    method = choose.choice(["GET", "PUT", "POST", "DELETE"])
    data = choose.randbytes(choose.randrange(50)) if method in ("PUT", "POST") else b""
    return awsrequest.AWSRequest(method=method, url=url, data=data, headers=random_headers(choose, service))


def random_credentials(choose):
    return credentials.Credentials("AKIDEXAMPLE", SECRET, choose.choice([None, "to/ken+with=signs"]))


class Signatures(unittest.TestCase):
    def accepted(self, requests):
        for request, answer in zip(requests, check(requests), strict=True):
            self.assertEqual(answer, "accepted", f"{request.service} {request.method} {request.target} {request.headers}")

    def test_headers(self):
        choose = random.Random(1)
        requests = []
        for number in range(600):
            service = ("s3", "sqs", "sts")[number % 3]
            signer = auth.S3SigV4Auth if service == "s3" else auth.SigV4Auth
            request = random_request(choose, service)
            signer(random_credentials(choose), service, "eu-west-3").add_auth(request)
            requests.append(Request(service, request))
        self.accepted(requests)

    def test_presigned(self):
        choose = random.Random(2)
        requests = []
        for number in range(300):
            service = ("s3", "sts")[number % 2]
            signer = auth.S3SigV4QueryAuth if service == "s3" else auth.SigV4QueryAuth
            request = random_request(choose, service)
            request.data = b""
            signer(random_credentials(choose), service, "us-east-1", expires=300).add_auth(request)
            requests.append(Request(service, request))
        self.accepted(requests)

    def test_presigned_in_the_old_way(self):
        choose = random.Random(3)
        requests = []
        for number in range(300):
            bucket = "my-bucket" if number % 2 else ""
            request = random_request(choose, "s3", bucket)
            request.url = request.url.split("?")[0] + choose.choice(["", "?acl", "?versionId=a%2Fb", "?uploadId=1&partNumber=2",
                                                                     "?response-content-type=text%2Fplain&other=1", "?uploads="])
            request.headers = awsrequest.HTTPHeaders()
            if number % 3 == 0:
                request.headers["x-amz-acl"] = "private"
                request.headers["Content-Type"] = "text/plain"
            request.auth_path = (f"/{bucket}" if bucket else "") + urlsplit(request.url).path
            auth.HmacV1QueryAuth(random_credentials(choose), expires=300).add_auth(request)
            requests.append(Request("s3", request, bucket))
        self.accepted(requests)

    def test_changed_requests(self):
        choose = random.Random(4)
        requests = []
        for number in range(200):
            request = random_request(choose, "s3")
            auth.S3SigV4Auth(random_credentials(choose), "s3", "eu-west-3").add_auth(request)
            changed = Request("s3", request)
            if number % 2:
                changed.target += ("&" if "?" in changed.target else "?") + "acl=x"
            else:
                changed.method = "HEAD"
            requests.append(changed)
        for answer in check(requests):
            self.assertTrue(answer.startswith("SignatureDoesNotMatch"), answer)

    def test_time_and_secret(self):
        request = awsrequest.AWSRequest(method="GET", url="http://h/b/k")
        auth.S3SigV4Auth(credentials.Credentials("AKIDEXAMPLE", SECRET), "s3", "us-east-1").add_auth(request)
        made = [Request("s3", request)]
        self.assertTrue(check(made, now=int(time.time()) + 1000)[0].startswith("RequestTimeTooSkewed"))
        self.assertTrue(check(made, secret="other")[0].startswith("SignatureDoesNotMatch"))


if __name__ == "__main__":
    unittest.main()
