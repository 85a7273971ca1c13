"""Errors that take more than a wrong argument: what is too large, too late, too much at once, or no request at all."""
import re
import resource
import socket
import sqlite3
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from server import PICTURES, Config, Server, ServerTest, WireTest
from test_faces import png
from test_video import start, wait_for

import boto3
from botocore import UNSIGNED, parsers


class Sent(ServerTest):
    """Requests that are sent as they should not be."""

    def changed(self, service, operation, change, moment="before-send", **more):
        """A client whose requests for this operation are changed on their way."""
        client = self.client(service, **more)
        client.meta.events.register(f"{moment}.{service}.{operation}", lambda request, **_: change(request))
        return client

    def test_a_body_that_is_no_document(self):
        def cut(request):
            request.data = b'{"Image":'

        client = self.changed("rekognition", "DetectFaces", cut, "before-sign")
        self.assert_code("SerializationException", client.detect_faces, Image={"Bytes": b"x"})

    def test_a_form_that_cannot_be_read(self):
        def cut(request):
            request.data = "Action=GetCallerIdentity&Version=%"

        client = self.changed("sts", "GetCallerIdentity", cut, "before-sign")
        self.assert_code("MalformedInput", client.get_caller_identity)

    def test_a_request_without_a_signature(self):
        for service, call, code in (("sts", "get_caller_identity", "MissingAuthenticationToken"),
                                    ("rekognition", "list_collections", "MissingAuthenticationTokenException"),
                                    ("s3", "list_buckets", "AccessDenied")):
            with self.subTest(service):
                client = self.client(service, config=Config(signature_version=UNSIGNED))
                self.assert_code(code, getattr(client, call))

    def test_a_signature_for_no_service_here(self):
        def sign_for_another(request):
            request.headers["Authorization"] = request.headers["Authorization"].replace(b"/sts/", b"/ec2/")

        client = self.changed("sts", "GetCallerIdentity", sign_for_another)
        self.assert_code("SignatureDoesNotMatch", client.get_caller_identity)

    def test_a_service_that_is_not_served(self):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        cbor = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
        for service, protocol, method, path, headers, body, named in (
                ("sns", "query", "POST", "/", form, b"Action=CreateTopic&Version=2010-03-31&Name=t", "CreateTopic"),
                ("sns", "query", "GET", "/?Action=ListTopics&Version=2010-03-31", {}, None, "ListTopics"),
                ("ec2", "ec2", "POST", "/", form, b"Action=RunInstances&Version=2016-11-15", "RunInstances"),
                ("dynamodb", "json", "POST", "/", {"X-Amz-Target": "DynamoDB_20120810.ListTables"}, b"{}",
                 "DynamoDB_20120810.ListTables"),
                ("lambda", "rest-json", "GET", "/2015-03-31/functions/", {}, None, "GET /2015-03-31/functions/"),
                ("route53", "rest-xml", "GET", "/2013-04-01/hostedzone", {}, None, "GET /2013-04-01/hostedzone"),
                ("monitoring", "smithy-rpc-v2-cbor", "POST", "/service/CloudWatch/operation/ListMetrics", cbor, b"\xa0",
                 "ListMetrics")):
            scope = f"test/20260101/us-east-1/{service}/aws4_request"
            headers = {**headers, "X-Amz-Date": "20260101T000000Z", "Authorization":
                       f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"}
            request = urllib.request.Request(self.server.endpoint + path, body, headers, method=method)
            with self.subTest(service, named=named):
                with self.assertRaises(urllib.error.HTTPError) as caught:
                    urllib.request.urlopen(request, timeout=30)
                with caught.exception as answer:
                    told = {"body": answer.read(), "status_code": answer.code,
                            "headers": {name.lower(): value for name, value in answer.headers.items()}}
                error = parsers.create_parser(protocol).parse(told, None)["Error"]
                self.assertIn(error["Code"], ("InvalidAction", "UnknownOperationException"))
                self.assertIn(f"'{service}'", error["Message"])
                self.assertIn(f"'{named}'", error["Message"])

    def test_an_action_that_a_service_does_not_have(self):
        def rename(request):
            request.data = "Action=CreateTopic&Version=2010-03-31"

        client = self.changed("sts", "GetCallerIdentity", rename, "before-sign")
        answer = self.assert_code("InvalidAction", client.get_caller_identity)
        self.assertEqual(answer["Error"]["Message"], "Could not find operation CreateTopic for version 2010-03-31")

    def test_a_key_with_another_secret(self):
        issued = self.client("iam").create_access_key()["AccessKey"]["AccessKeyId"]
        for service, call, code in (("sts", "get_caller_identity", "SignatureDoesNotMatch"),
                                    ("rekognition", "list_collections", "InvalidSignatureException"),
                                    ("s3", "list_buckets", "SignatureDoesNotMatch")):
            with self.subTest(service):
                self.assert_code(code, getattr(self.client(service, key=issued, secret="x" * 40), call))

    def test_half_a_signature(self):
        def halve(request):
            request.headers["Authorization"] = b"AWS4-HMAC-SHA256 Credential=test"

        for service, operation, call, code in (
                ("sts", "GetCallerIdentity", "get_caller_identity", "IncompleteSignature"),
                ("rekognition", "ListCollections", "list_collections", "IncompleteSignatureException"),
                ("s3", "ListBuckets", "list_buckets", "AuthorizationHeaderMalformed")):
            with self.subTest(service):
                self.assert_code(code, getattr(self.changed(service, operation, halve), call))

    def test_a_presigned_request_of_more_than_a_week(self):
        s3 = self.client("s3", config=Config(signature_version="s3v4"))
        url = s3.generate_presigned_url("list_buckets", ExpiresIn=604801)
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(url, timeout=30)
        with caught.exception as answer:
            self.assertIn("<Code>AuthorizationQueryParametersError</Code>", answer.read().decode())

    def test_a_presigned_request_that_has_expired(self):
        for version in ("s3v4", "s3"):
            s3 = self.client("s3", config=Config(signature_version=version))
            good = s3.generate_presigned_url("list_buckets", ExpiresIn=60)
            # Its key is unknown, so that nobody looks at the signature.
            late = re.sub(r"X-Amz-Date=\w+", "X-Amz-Date=20200101T000000Z", re.sub(r"\bExpires=\d{6,}", "Expires=1577836800", good))
            with self.subTest(version):
                with urllib.request.urlopen(good, timeout=30) as answer:
                    self.assertEqual(answer.status, 200)
                with self.assertRaises(urllib.error.HTTPError) as caught:
                    urllib.request.urlopen(late, timeout=30)
                with caught.exception as answer:
                    self.assertEqual(answer.code, 403)
                    self.assertIn("<Message>Request has expired</Message>", answer.read().decode())

    def test_a_method_that_a_path_does_not_have(self):
        status, text = self.server.get("/bucket", method="POST")
        self.assertEqual(status, 405)
        self.assertIn("<Code>MethodNotAllowed</Code>", text)

    def test_a_bucket_elsewhere(self):
        elsewhere = boto3.client("s3", endpoint_url=self.server.endpoint, region_name="eu-west-1",
                                 aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106
        for constraint in (None, "us-west-2", "us-east-1", "bar", "aws-global"):
            more = {"CreateBucketConfiguration": {"LocationConstraint": constraint}} if constraint else {}
            answer = self.assert_code("IllegalLocationConstraintException", elsewhere.create_bucket, Bucket="elsewhere", **more)
            self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 400)
            self.assertEqual(answer["Error"]["Message"], f"The {constraint or 'unspecified'} location constraint is incompatible "
                             "for the region specific endpoint this request was sent to.")
        farther = boto3.client("s3", endpoint_url=self.server.endpoint, region_name="us-east-2",
                               aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106
        answer = self.assert_code("IllegalLocationConstraintException", farther.create_bucket, Bucket="elsewhere",
                                  CreateBucketConfiguration={"LocationConstraint": "EU"})
        self.assertTrue(answer["Error"]["Message"].startswith("The EU location constraint "))

    def test_a_body_that_no_operation_takes(self):
        answer = self.assert_code("RequestEntityTooLargeException", self.client("rekognition").detect_faces,
                                  Image={"Bytes": bytes(13 << 20)})
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 413)

    def test_a_stored_picture_of_more_than_15_mib(self):
        s3, client = self.client("s3"), self.client("rekognition")
        s3.create_bucket(Bucket="pictures")
        whole = (PICTURES / "astronaut.png").read_bytes()
        # What follows a picture's end belongs to no picture.
        for size, key in ((15 << 20, "largest"), ((15 << 20) + 1, "too-large")):
            s3.put_object(Bucket="pictures", Key=key, Body=whole.ljust(size, b"\0"))
        stored = {"Bucket": "pictures", "Name": "largest"}
        self.assertEqual(len(client.detect_faces(Image={"S3Object": stored})["FaceDetails"]), 1)
        stored["Name"] = "too-large"
        for call, more in ((client.detect_faces, {}), (client.detect_labels, {}), (client.index_faces, {"CollectionId": "c"})):
            if more:
                client.create_collection(**more)
            self.assert_code("ImageTooLargeException", call, Image={"S3Object": stored}, **more)


class Tables(WireTest):
    """What would take too long to come about is written into the tables of a server that stands still."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def serve(self):
        server = Server(data=self.folder)
        self.addCleanup(lambda: server.process.poll() is None and server.kill())
        return server

    def change(self, table, statement, *values):
        with closing(sqlite3.connect(self.folder / table)) as tables, tables:
            self.assertEqual(tables.execute(statement, values).rowcount, 1)

    assert_code = ServerTest.assert_code

    def test_a_session_that_has_ended(self):
        server = self.serve()
        made = server.client("sts").get_session_token(DurationSeconds=900)["Credentials"]
        session = {"key": made["AccessKeyId"], "secret": made["SecretAccessKey"], "aws_session_token": made["SessionToken"]}
        calls = (("sts", "get_caller_identity", "ExpiredToken"), ("rekognition", "list_collections", "ExpiredTokenException"),
                 ("s3", "list_buckets", "ExpiredToken"))
        for service, call, _ in calls:
            getattr(server.client(service, **session), call)()
        self.assert_code("InvalidToken", server.client("s3", **{**session, "aws_session_token": "another"}).list_buckets)
        self.assertEqual(server.stop(), 0)
        self.change("identity.db", "UPDATE sessions SET expires = expires - 901 * 1000")
        server = self.serve()
        for service, call, code in calls:
            with self.subTest(service):
                self.assert_code(code, getattr(server.client(service, **session), call))

    def test_a_stored_video_of_more_than_10_gib(self):
        server = self.serve()
        s3 = server.client("s3")
        s3.create_bucket(Bucket="clips")
        s3.put_object(Bucket="clips", Key="clip.mp4", Body=b"no clip")
        for size, fits in ((10 << 30, True), ((10 << 30) + 1, False)):
            self.assertEqual(server.stop(), 0)
            self.change("buckets.db", "UPDATE objects SET size = ?", size)
            server = self.serve()
            client = server.client("rekognition")
            if fits:
                self.assertEqual(wait_for(client, start(client))["JobStatus"], "FAILED")
            else:
                answer = self.assert_code("VideoTooLargeException", start, client)
                self.assertIn("10GB", answer["Error"]["Message"])


class Crowded(WireTest):
    """More at once than there is room for is told to come again, in the service's words."""

    assert_code = ServerTest.assert_code

    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 20000), hard), hard))
        self.server = Server("--threads", "1")
        self.addCleanup(self.server.kill)
        self.address = urlsplit(self.server.endpoint)

    def client(self, service):
        return self.server.client(service, config=Config(retries={"max_attempts": 0}))

    def begin(self, count, line, *fields, body=b""):
        """So many requests, each on a connection of its own, whose answers nobody waits for."""
        head = "\r\n".join((f"{line} HTTP/1.1", f"Host: {self.address.netloc}", *fields, "", "")).encode()
        for _ in range(count):
            connection = socket.create_connection((self.address.hostname, self.address.port), timeout=60)
            self.addCleanup(connection.close)
            connection.sendall(head + body)

    def metric(self, name):
        lines = self.server.get("/metrics")[1].splitlines()
        return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name + " "))

    def wait_for_metric(self, name, value):
        deadline = time.monotonic() + 20
        while self.metric(name) != value:
            self.assertLess(time.monotonic(), deadline, name)
            time.sleep(0.02)

    def test_transfers(self):
        s3 = self.client("s3")
        s3.create_bucket(Bucket="crowd")
        url = urlsplit(s3.generate_presigned_url("put_object", Params={"Bucket": "crowd", "Key": "slow"}))
        put = f"PUT {url.path}?{url.query}", "Content-Length: 10"
        # More than the pool's threads and queue have room for: none of them takes any of it.
        self.begin(32 + 256, *put)
        self.wait_for_metric("sightline_transfers", 32 + 256)
        self.assertEqual(self.metric('sightline_pool_busy{pool="transfer"}'), 0)
        self.assert_code("NoSuchKey", s3.get_object, Bucket="crowd", Key="any")
        # All that one address may have: a quarter is for others.
        limit = int(self.metric("sightline_transfers_limit"))
        most = limit - limit // 4
        self.begin(most - 32 - 256, *put)
        self.wait_for_metric("sightline_transfers", most)
        answer = self.assert_code("SlowDown", s3.get_object, Bucket="crowd", Key="any")
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 503)
        self.assertEqual(len(s3.list_buckets()["Buckets"]), 1)

    def test_pictures(self):
        s3, client = self.client("s3"), self.client("rekognition")
        s3.create_bucket(Bucket="crowd")
        # Half a second of work.
        s3.put_object(Bucket="crowd", Key="large", Body=png(6000, 6000, [bytes(3 * 6000)] * 6000))
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        body = b'{"Image":{"S3Object":{"Bucket":"crowd","Name":"large"}}}'
        # Two threads are at it.
        self.begin(2 + 256, "POST /", "X-Amz-Target: RekognitionService.DetectFaces", f"X-Amz-Date: {now}",
                   "Content-Type: application/x-amz-json-1.1", f"Content-Length: {len(body)}",
                   f"Authorization: AWS4-HMAC-SHA256 Credential=test/{now[:8]}/us-east-1/rekognition/aws4_request, "
                   f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}", body=body)
        self.wait_for_metric('sightline_pool_queued{pool="inference"}', 256)
        with self.assertRaises(client.exceptions.ProvisionedThroughputExceededException):
            client.detect_faces(Image={"Bytes": b"no picture"})
        self.assertEqual(client.list_collections()["CollectionIds"], [])


if __name__ == "__main__":
    unittest.main()
