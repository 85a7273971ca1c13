"""Buckets and objects, as boto3 and the CLI see them."""
import base64
import hashlib
import io
import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
import zlib
from pathlib import Path

import aws
from server import Server, ServerTest, WireTest

import botocore.auth
import botocore.awsrequest
import botocore.credentials
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

MIB = 1 << 20
OWN_NAMES = unittest.skipIf(aws.ENABLED, "names of buckets are others there")


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


class S3Test(ServerTest):
    """Each test has a bucket of its own."""

    def setUp(self):
        self.s3 = self.client("s3")
        self.bucket = self.id().rsplit(".", 1)[1].replace("_", "-")[:63].rstrip("-")
        self.s3.create_bucket(Bucket=self.bucket)

    def put(self, key, body=b"content", **more):
        return self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **more)

    def get(self, key, **more):
        return self.s3.get_object(Bucket=self.bucket, Key=key, **more)

    def read(self, key, **more):
        return self.get(key, **more)["Body"].read()

    def refused(self, code, operation, **named):
        return self.assert_code(code, getattr(self.s3, operation), Bucket=self.bucket, **named)

    def http(self, method, url, body=None, headers=None):
        request = urllib.request.Request(url, body, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


class Buckets(S3Test):
    def test_come_and_go(self):
        names = [bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]]
        self.assertIn(self.bucket, names)
        self.assertEqual(self.s3.head_bucket(Bucket=self.bucket)["BucketRegion"], "us-east-1")
        self.assertIsNone(self.s3.get_bucket_location(Bucket=self.bucket)["LocationConstraint"])
        self.assertNotIn("Status", self.s3.get_bucket_versioning(Bucket=self.bucket))
        self.assert_code("NoSuchBucket", self.s3.get_bucket_versioning, Bucket="nothing-here")
        self.s3.create_bucket(Bucket=self.bucket)  # again, as us-east-1 allows
        self.put("key")
        answer = self.refused("BucketNotEmpty", "delete_bucket")
        self.assertEqual(answer["Error"]["BucketName"] if "BucketName" in answer["Error"] else self.bucket, self.bucket)
        self.s3.delete_object(Bucket=self.bucket, Key="key")
        self.s3.delete_bucket(Bucket=self.bucket)
        self.refused("NoSuchBucket", "list_objects_v2")
        self.refused("404", "head_bucket")

    def test_have_a_region(self):
        name = self.bucket + "-eu"
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.assertEqual(self.s3.get_bucket_location(Bucket=name)["LocationConstraint"], "eu-west-1")
        self.assert_code("BucketAlreadyOwnedByYou", self.s3.create_bucket, Bucket=name,
                         CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.s3.create_bucket(Bucket=name + "-alias", CreateBucketConfiguration={"LocationConstraint": "EU"})
        self.assertEqual(self.s3.head_bucket(Bucket=name + "-alias")["BucketRegion"], "eu-west-1")

    def test_of_regions_that_are_none(self):
        for constraint in ("us-east-1", "foo", "aws-global"):
            answer = self.assert_code("InvalidLocationConstraint", self.s3.create_bucket, Bucket="nowhere",
                                      CreateBucketConfiguration={"LocationConstraint": constraint})
            self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 400)
            self.assertEqual((answer["Error"]["Message"], answer["Error"]["LocationConstraint"]),
                             ("The specified location-constraint is not valid", constraint))
        self.assert_code("404", self.s3.head_bucket, Bucket="nowhere")
        self.s3.create_bucket(Bucket="somewhere", CreateBucketConfiguration={})

    @OWN_NAMES
    def test_names_are_checked(self):
        for name in ("Up", "a_b", "1.2.3.4"):
            with self.assertRaises(Exception) as caught:
                self.s3.create_bucket(Bucket=name)
            if hasattr(caught.exception, "response"):
                self.assertEqual(caught.exception.response["Error"]["Code"], "InvalidBucketName")

    @OWN_NAMES
    def test_are_paged(self):
        for letter in "abc":
            self.s3.create_bucket(Bucket=f"paged-{letter}")
        page = self.s3.list_buckets(MaxBuckets=2, Prefix="paged-")
        self.assertEqual([bucket["Name"] for bucket in page["Buckets"]], ["paged-a", "paged-b"])
        rest = self.s3.list_buckets(MaxBuckets=2, Prefix="paged-", ContinuationToken=page["ContinuationToken"])
        self.assertEqual([bucket["Name"] for bucket in rest["Buckets"]], ["paged-c"])

    def test_of_another_account_are_not_seen(self):
        answer = self.refused("AccessDenied", "list_objects_v2", ExpectedBucketOwner="111111111111")
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 403)


class Objects(S3Test):
    def test_what_is_too_long_is_refused(self):
        self.refused("KeyTooLongError", "put_object", Key="k" * 1025, Body=b"x")
        self.refused("MetadataTooLarge", "put_object", Key="key", Body=b"x", Metadata={"k": "v" * 2050})
        self.put("key")
        self.refused("InvalidPartNumber", "get_object", Key="key", PartNumber=2)
        url = urllib.parse.urlsplit(self.s3.generate_presigned_url("put_object", {"Bucket": self.bucket, "Key": "key"}))
        with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
            connection.sendall(f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n"
                               f"Content-Length: {7 << 30}\r\nExpect: 100-continue\r\n\r\n".encode())
            answer = connection.recv(65536)
        self.assertIn(b"<Code>EntityTooLarge</Code>", answer)
        self.assertEqual(self.read("key"), b"content")

    def test_deleting_together_needs_a_checksum(self):
        self.put("key")
        body = b"<Delete><Object><Key>key</Key></Object></Delete>"
        url = self.s3.generate_presigned_url("list_objects_v2", {"Bucket": self.bucket}, HttpMethod="POST")
        url = url.split("?")[0] + "?delete"

        def delete(**headers):
            request = botocore.awsrequest.AWSRequest("POST", url, {name.replace("_", "-"): value for name, value in
                                                                   headers.items()}, body)
            credentials = botocore.credentials.Credentials("test", "test")
            botocore.auth.S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(request)
            return self.http("POST", url, body, dict(request.headers))

        status, text = delete()
        self.assertEqual(status, 400)
        self.assertIn(b"<Code>InvalidRequest</Code>", text)
        self.assertIn(b"Missing required header for this request: Content-MD5 OR x-amz-checksum-*", text)
        self.assertEqual(self.read("key"), b"content")
        self.assertIn(b"<Code>BadDigest</Code>", delete(content_md5=base64.b64encode(bytes(16)).decode())[1])
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()  # noqa: S324
        for headers in ({"content_md5": md5}, {"x_amz_checksum_crc32": crc32(body)}):
            self.put("key")
            self.assertEqual(delete(**headers)[0], 200)
            self.refused("NoSuchKey", "get_object", Key="key")

    def test_are_kept_with_all_that_is_told(self):
        put = self.put("a b/ü+%.txt", b"0123456789", ContentType="text/plain", CacheControl="no-cache",
                       ContentDisposition="inline", ContentEncoding="identity", ContentLanguage="de",
                       Metadata={"Colour": "blue"})
        self.assertEqual(put["ETag"], '"781e5e245d69b566979b86e28d23f2c7"')
        for answer in (self.get("a b/ü+%.txt"), self.s3.head_object(Bucket=self.bucket, Key="a b/ü+%.txt")):
            self.assertEqual(answer["ContentLength"], 10)
            self.assertEqual(answer["ContentType"], "text/plain")
            self.assertEqual(answer["CacheControl"], "no-cache")
            self.assertEqual(answer["ContentDisposition"], "inline")
            self.assertEqual(answer["ContentEncoding"], "identity")
            self.assertEqual(answer["ContentLanguage"], "de")
            self.assertEqual(answer["Metadata"], {"colour": "blue"})
            self.assertEqual(answer["ETag"], put["ETag"])
            self.assertIn("LastModified", answer)
        self.assertEqual(self.read("a b/ü+%.txt"), b"0123456789")

    def test_empty_ones_are_objects(self):
        self.put("empty", b"")
        self.assertEqual(self.read("empty"), b"")
        self.assertEqual(self.get("empty")["ContentType"], "binary/octet-stream")

    def test_ranges(self):
        self.put("key", b"0123456789")
        for field, content, told in (("bytes=2-4", b"234", "bytes 2-4/10"), ("bytes=7-", b"789", "bytes 7-9/10"),
                                     ("bytes=-3", b"789", "bytes 7-9/10"), ("bytes=5-99", b"56789", "bytes 5-9/10")):
            answer = self.get("key", Range=field)
            self.assertEqual(answer["Body"].read(), content)
            self.assertEqual(answer["ContentRange"], told)
            self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 206)
        self.assertEqual(self.read("key", Range="lines=1-2"), b"0123456789")
        self.refused("InvalidRange", "get_object", Key="key", Range="bytes=10-")

    def test_conditions(self):
        etag = self.put("key")["ETag"]
        modified = self.get("key")["LastModified"]
        self.assertEqual(self.read("key", IfMatch=etag, IfUnmodifiedSince=modified), b"content")
        self.refused("PreconditionFailed", "get_object", Key="key", IfMatch='"other"')
        answer = self.refused("304", "get_object", Key="key", IfNoneMatch=etag)
        self.assertEqual(answer["ResponseMetadata"]["HTTPHeaders"]["etag"], etag)
        self.refused("304", "get_object", Key="key", IfModifiedSince=modified)
        self.refused("304", "head_object", Key="key", IfNoneMatch=etag)
        self.refused("412", "head_object", Key="key", IfMatch='"other"')
        self.refused("PreconditionFailed", "put_object", Key="key", Body=b"x", IfNoneMatch="*")
        self.put("key", b"new", IfMatch=etag)
        self.refused("PreconditionFailed", "put_object", Key="key", Body=b"x", IfMatch=etag)
        self.assertEqual(self.read("key"), b"new")

    def test_what_is_not_there(self):
        answer = self.refused("NoSuchKey", "get_object", Key="none")
        self.assertEqual(answer["Error"]["Key"], "none")
        self.refused("404", "head_object", Key="none")
        self.s3.delete_object(Bucket=self.bucket, Key="none")
        self.assert_code("NoSuchBucket", self.s3.get_object, Bucket="nobodys", Key="key")
        self.refused("NoSuchVersion", "get_object", Key="none", VersionId="1")

    def test_deleted_together(self):
        for key in ("a", "b", "c"):
            self.put(key)
        answer = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "c"}, {"Key": "x"}]})
        self.assertEqual([entry["Key"] for entry in answer["Deleted"]], ["a", "c", "x"])
        self.assertNotIn("Errors", answer)
        quiet = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": [{"Key": "a"}], "Quiet": True})
        self.assertNotIn("Deleted", quiet)
        self.assertEqual(self.s3.list_objects_v2(Bucket=self.bucket)["KeyCount"], 1)

    def test_answers_are_overridden(self):
        self.put("key", ContentType="text/plain")
        answer = self.get("key", ResponseContentType="image/png", ResponseContentDisposition="attachment")
        self.assertEqual(answer["ContentType"], "image/png")
        self.assertEqual(answer["ContentDisposition"], "attachment")

    def test_what_is_not_kept_is_refused(self):
        for named in ({"Tagging": "a=b"}, {"ServerSideEncryption": "aws:kms"}, {"WebsiteRedirectLocation": "/x"},
                      {"StorageClass": "DEEP_ARCHIVE"}):
            answer = self.refused("NotImplemented", "put_object", Key="key", Body=b"x", **named)
            self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 501)
        self.refused("AccessControlListNotSupported", "put_object", Key="key", Body=b"x", ACL="public-read")
        self.refused("NoSuchKey", "get_object", Key="key")


class Checksums(S3Test):
    def test_go_both_ways(self):
        for name in ("CRC32", "SHA1", "SHA256"):
            put = self.put(name, b"content", ChecksumAlgorithm=name)
            got = self.get(name, ChecksumMode="ENABLED")
            self.assertEqual(got["Body"].read(), b"content")
            self.assertEqual(got["Checksum" + name], put["Checksum" + name])
            self.assertEqual(got["ChecksumType"], "FULL_OBJECT")
        self.assertEqual(self.get("CRC32", ChecksumMode="ENABLED")["ChecksumCRC32"], crc32(b"content"))
        self.assertEqual(self.get("SHA1", ChecksumMode="ENABLED")["ChecksumSHA1"],
                         base64.b64encode(hashlib.sha1(b"content").digest()).decode())
        quiet = self.client("s3", config=Config(response_checksum_validation="when_required"))
        self.assertNotIn("ChecksumCRC32", quiet.get_object(Bucket=self.bucket, Key="CRC32"))

    def test_wrong_ones_are_refused(self):
        self.refused("BadDigest", "put_object", Key="key", Body=b"content", ChecksumCRC32=crc32(b"other"))
        self.refused("BadDigest", "put_object", Key="key", Body=b"content",
                     ContentMD5=base64.b64encode(hashlib.md5(b"other").digest()).decode())
        self.refused("InvalidDigest", "put_object", Key="key", Body=b"content", ContentMD5="no")
        self.refused("InvalidRequest", "put_object", Key="key", Body=b"content", ChecksumCRC32="AAA=")
        self.refused("NoSuchKey", "get_object", Key="key")

    def test_streams_of_unknown_framing_come_through(self):
        class Stream(io.RawIOBase):  # cannot be hashed beforehand
            def __init__(self, data):
                self.data = io.BytesIO(data)

            def readable(self):
                return True

            def readinto(self, into):
                return self.data.readinto(into)

        with tempfile.TemporaryFile() as file:
            file.write(b"file" * 100_000)
            file.seek(0)
            self.put("file", file)
        self.assertEqual(self.read("file"), b"file" * 100_000)
        self.s3.upload_fileobj(Stream(b"stream" * 1000), self.bucket, "stream")
        self.assertEqual(self.read("stream"), b"stream" * 1000)


class Lists(S3Test):
    keys = ("a", "b/1", "b/2/x", "b/2/y", "c d", "ü&<>")

    def setUp(self):
        super().setUp()
        for key in self.keys:
            self.put(key, key.encode())

    def pages(self, **query):
        token = {}
        while True:
            page = self.s3.list_objects_v2(Bucket=self.bucket, **query, **token)
            yield page
            if not page["IsTruncated"]:
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def test_pages_of_any_size_agree(self):
        for size in range(1, 8):
            found = [entry["Key"] for page in self.pages(MaxKeys=size) for entry in page.get("Contents", [])]
            self.assertEqual(found, list(self.keys))
            groups = [entry["Prefix"] for page in self.pages(MaxKeys=size, Delimiter="/")
                      for entry in page.get("CommonPrefixes", [])]
            self.assertEqual(groups, ["b/"])

    def test_tells_what_was_asked(self):
        page = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="b/", Delimiter="/", MaxKeys=5)
        self.assertEqual((page["Name"], page["Prefix"], page["Delimiter"], page["MaxKeys"], page["KeyCount"]),
                         (self.bucket, "b/", "/", 5, 2))
        self.assertEqual(page["Contents"][0]["Size"], 3)
        self.assertEqual(page["Contents"][0]["ETag"], '"%s"' % hashlib.md5(b"b/1").hexdigest())
        self.assertEqual(page["CommonPrefixes"], [{"Prefix": "b/2/"}])
        self.assertEqual([entry["Key"] for entry in
                          self.s3.list_objects_v2(Bucket=self.bucket, StartAfter="b/2/x")["Contents"]],
                         ["b/2/y", "c d", "ü&<>"])
        self.refused("InvalidArgument", "list_objects_v2", ContinuationToken="not one")

    def test_the_older_operation(self):
        page = self.s3.list_objects(Bucket=self.bucket, MaxKeys=2, Delimiter="/")
        self.assertEqual(page["NextMarker"], "b/")
        rest = self.s3.list_objects(Bucket=self.bucket, Marker=page["NextMarker"], Delimiter="/")
        self.assertEqual([entry["Key"] for entry in rest["Contents"]], ["c d", "ü&<>"])
        self.assertNotIn("CommonPrefixes", rest)


class Copies(S3Test):
    def test_whole_objects(self):
        self.put("a b", b"content", ContentType="text/plain", Metadata={"k": "v"})
        source = {"Bucket": self.bucket, "Key": "a b"}
        copied = self.s3.copy_object(Bucket=self.bucket, Key="copy", CopySource=source)["CopyObjectResult"]
        self.assertEqual(copied["ETag"], '"%s"' % hashlib.md5(b"content").hexdigest())
        self.assertEqual(self.get("copy")["Metadata"], {"k": "v"})
        self.s3.copy_object(Bucket=self.bucket, Key="a b", CopySource=source, MetadataDirective="REPLACE",
                            ContentType="image/png")
        self.assertEqual((self.get("a b")["ContentType"], self.get("a b")["Metadata"]), ("image/png", {}))
        self.refused("InvalidRequest", "copy_object", Key="a b", CopySource=source)
        self.refused("NoSuchKey", "copy_object", Key="x", CopySource={"Bucket": self.bucket, "Key": "none"})
        self.refused("PreconditionFailed", "copy_object", Key="x", CopySource=source, CopySourceIfMatch="no")
        self.s3.delete_object(Bucket=self.bucket, Key="a b")
        self.assertEqual(self.read("copy"), b"content")


class Multipart(S3Test):
    def begin(self, key="key", **more):
        return {"Bucket": self.bucket, "Key": key,
                "UploadId": self.s3.create_multipart_upload(Bucket=self.bucket, Key=key, **more)["UploadId"]}

    def complete(self, upload, *parts):
        listed = [{"PartNumber": number, "ETag": etag} for number, etag in parts]
        return self.s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": listed})

    def part(self, upload, number, body, **more):
        return number, self.s3.upload_part(**upload, PartNumber=number, Body=body, **more)["ETag"]

    @OWN_NAMES
    def test_a_type_that_forms_have_is_like_any_other(self):
        started = self.s3.create_multipart_upload(Bucket=self.bucket, Key="form",
                                                  ContentType="application/x-www-form-urlencoded")
        self.assertTrue(started["UploadId"])

    def test_parts_become_an_object(self):
        first, second = os.urandom(5 * MIB), os.urandom(1000)
        upload = self.begin(ContentType="video/mp4", Metadata={"k": "v"})
        two = self.part(upload, 2, second)
        one = self.part(upload, 1, first)
        listed = self.s3.list_parts(**upload)
        self.assertEqual([(part["PartNumber"], part["Size"]) for part in listed["Parts"]], [(1, 5 * MIB), (2, 1000)])
        page = self.s3.list_parts(**upload, MaxParts=1)
        self.assertTrue(page["IsTruncated"])
        self.assertEqual(self.s3.list_parts(**upload, PartNumberMarker=page["NextPartNumberMarker"])["Parts"],
                         listed["Parts"][1:])
        self.refused("NoSuchKey", "get_object", Key="key")
        done = self.complete(upload, one, two)
        digest = hashlib.md5(hashlib.md5(first).digest() + hashlib.md5(second).digest()).hexdigest()
        self.assertEqual(done["ETag"], f'"{digest}-2"')
        self.assertEqual(self.complete(upload, one, two)["ETag"], done["ETag"], "asked again")
        answer = self.get("key")
        self.assertEqual(answer["Body"].read(), first + second)
        self.assertEqual((answer["ContentType"], answer["Metadata"]), ("video/mp4", {"k": "v"}))
        part = self.get("key", PartNumber=2)
        self.assertEqual((part["Body"].read(), part["PartsCount"]), (second, 2))
        self.assertEqual(self.read("key", Range=f"bytes={5 * MIB - 2}-{5 * MIB + 1}"), first[-2:] + second[:2])

    def test_what_does_not_fit_is_refused(self):
        upload = self.begin()
        one, two = self.part(upload, 1, b"small"), self.part(upload, 2, b"last")
        for code, parts in (("EntityTooSmall", (one, two)), ("InvalidPartOrder", (two, one)),
                            ("InvalidPart", ((1, two[1]),)), ("InvalidPart", ((3, one[1]),)), ("InvalidRequest", ())):
            with self.subTest(code):
                self.assert_code(code, self.complete, upload, *parts)
        self.assert_code("InvalidArgument", self.part, upload, 10_001, b"x")
        self.assert_code("NoSuchUpload", self.part, {**upload, "UploadId": "none"}, 1, b"x")
        self.assert_code("BadDigest", self.part, upload, 1, b"x", ChecksumCRC32=crc32(b"y"))
        self.s3.abort_multipart_upload(**upload)
        self.assert_code("NoSuchUpload", self.s3.abort_multipart_upload, **upload)

    def test_those_under_way_are_listed(self):
        begun = []
        for key in ("a", "a", "b/1", "b/2", "c d", "key"):
            begun.append((key, self.s3.create_multipart_upload(Bucket=self.bucket, Key=key)["UploadId"]))

        def listed(**more):
            return [(upload["Key"], upload["UploadId"]) for upload in
                    self.s3.list_multipart_uploads(Bucket=self.bucket, **more).get("Uploads", [])]

        self.assertEqual(listed(), begun)
        self.assertEqual(listed(Prefix="b/"), begun[2:4])
        self.assertEqual(listed(KeyMarker="a"), begun[2:])
        self.assertEqual(listed(KeyMarker="a", UploadIdMarker=begun[0][1]), begun[1:])
        grouped = self.s3.list_multipart_uploads(Bucket=self.bucket, Delimiter="/")
        self.assertEqual([entry["Prefix"] for entry in grouped["CommonPrefixes"]], ["b/"])
        self.assertEqual(len(grouped["Uploads"]), 4)
        for size in range(1, 7):
            for more in ({}, {"Delimiter": "/"}):
                pages = list(self.s3.get_paginator("list_multipart_uploads").paginate(
                    Bucket=self.bucket, PaginationConfig={"PageSize": size}, **more))
                found = [upload["UploadId"] for page in pages for upload in page.get("Uploads", [])]
                expected = [name for key, name in begun if not more or "/" not in key]
                self.assertEqual(found, expected)
                groups = [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", [])]
                self.assertEqual(groups, ["b/"] if more else [])
        for key, name in begun:
            self.s3.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=name)
        self.assertEqual(listed(), [])
        self.assert_code("NoSuchBucket", self.s3.list_multipart_uploads, Bucket="nobodys")

    def test_checksums_of_the_whole(self):
        first, second = bytes(5 * MIB), b"end"
        upload = self.begin(ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
        parts = [self.s3.upload_part(**upload, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
                 for number, body in ((1, first), (2, second))]
        listed = [{"PartNumber": number, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}
                  for number, part in enumerate(parts, 1)]
        done = self.s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": listed},
                                                 ChecksumCRC32=crc32(first + second), ChecksumType="FULL_OBJECT")
        self.assertEqual(done["ChecksumCRC32"], crc32(first + second))
        self.assertEqual(self.read("key", ChecksumMode="ENABLED"), first + second)

    def test_parts_are_copied(self):
        self.put("source", bytes(range(256)) * 40_000)
        upload = self.begin()
        source = {"Bucket": self.bucket, "Key": "source"}
        copied = self.s3.upload_part_copy(**upload, PartNumber=1, CopySource=source,
                                          CopySourceRange=f"bytes=1-{6 * MIB}")["CopyPartResult"]
        self.complete(upload, (1, copied["ETag"]), self.part(upload, 2, b"end"))
        self.assertEqual(self.read("key"), (bytes(range(256)) * 40_000)[1:6 * MIB + 1] + b"end")

    def test_transfers_run_in_parallel(self):
        data = os.urandom(40 * MIB)
        config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=8)
        self.s3.upload_fileobj(io.BytesIO(data), self.bucket, "big", Config=config)
        self.assertTrue(self.s3.head_object(Bucket=self.bucket, Key="big")["ETag"].endswith('-8"'))
        into = io.BytesIO()
        self.s3.download_fileobj(self.bucket, "big", into, Config=config)
        self.assertEqual(into.getvalue(), data)
        self.s3.copy({"Bucket": self.bucket, "Key": "big"}, self.bucket, "copy", Config=config)
        self.assertEqual(self.read("copy"), data)


class Presigned(S3Test):
    @OWN_NAMES
    def test_get_and_put(self):
        for version in ("s3", "s3v4"):
            s3 = self.client("s3", config=Config(signature_version=version))
            named = {"Bucket": self.bucket, "Key": "a b/" + version}
            url = s3.generate_presigned_url("put_object", Params=named, ExpiresIn=60)
            self.assertEqual(self.http("PUT", url, b"content")[0], 200)
            url = s3.generate_presigned_url("get_object", Params={**named, "ResponseContentType": "text/x"})
            self.assertEqual(self.http("GET", url), (200, b"content"))
            url = s3.generate_presigned_url("head_object", Params=named)
            self.assertEqual(self.http("HEAD", url)[0], 200)


class Pages(S3Test):
    def test_act_as_nothing_of_this_origin(self):
        etag = self.put("page.html", b"<script>alert(1)</script>", ContentType="text/html")["ETag"]
        named = {"Bucket": self.bucket, "Key": "page.html"}
        answers = {"get": self.get("page.html"), "range": self.get("page.html", Range="bytes=1-2"),
                   "head": self.s3.head_object(**named),
                   "typed": self.get("page.html", ResponseContentType="image/svg+xml"),
                   "unchanged": self.refused("304", "get_object", Key="page.html", IfNoneMatch=etag)}
        headers = {name: answer["ResponseMetadata"]["HTTPHeaders"] for name, answer in answers.items()}
        for name, more in (("presigned", {}), ("presigned and typed", {"ResponseContentType": "text/html"})):
            with urllib.request.urlopen(self.s3.generate_presigned_url("get_object", {**named, **more}), timeout=30) as answer:
                headers[name] = {key.lower(): value for key, value in answer.headers.items()}
            self.assertEqual(headers[name]["content-type"], "text/html")
        for name, told in headers.items():
            with self.subTest(name):
                self.assertEqual((told.get("content-security-policy"), told.get("x-content-type-options")), ("sandbox", "nosniff"))


class CommandLine(WireTest):
    """The CLI, of Debian's package `awscli`."""

    program = shutil.which("aws", path="/usr/bin") or shutil.which("aws")

    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def aws(self, *words, status=0):
        environment = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                       "AWS_DEFAULT_REGION": "us-east-1", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}
        done = subprocess.run([self.program, "--endpoint-url", self.server.endpoint, "s3", *words],
                              env=environment, capture_output=True, encoding="utf-8", timeout=120)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout + done.stderr

    def test_a_folder_goes_there_and_back(self):
        self.assertIsNotNone(self.program, "there is no aws: run ./sightline setup --tests")
        with tempfile.TemporaryDirectory() as place:
            there, back = Path(place, "there"), Path(place, "back")
            (there / "deep").mkdir(parents=True)
            (there / "one.txt").write_bytes(b"one")
            (there / "deep" / "two words.bin").write_bytes(os.urandom(17 * MIB))
            self.aws("mb", "s3://clips")
            self.assertIn("clips", self.aws("ls"))
            self.aws("sync", str(there), "s3://clips/in")
            self.assertEqual(self.aws("sync", str(there), "s3://clips/in"), "", "nothing is left to do")
            listing = self.aws("ls", "s3://clips/in/")
            self.assertIn("PRE deep/", listing)
            self.assertIn("3 one.txt", listing)
            self.aws("cp", "s3://clips/in/one.txt", "s3://clips/copy.txt")
            self.aws("mv", "s3://clips/copy.txt", "s3://clips/moved.txt")
            self.aws("sync", "s3://clips/in", str(back))
            self.assertEqual((back / "deep" / "two words.bin").read_bytes(),
                             (there / "deep" / "two words.bin").read_bytes())
            self.aws("cp", "s3://clips/none", place, status=1)
            self.aws("rm", "--recursive", "s3://clips")
            self.assertEqual(self.aws("ls", "s3://clips", "--recursive"), "")
            self.aws("rb", "s3://clips")


class Enforced(ServerTest):
    flags = ("--enforced",)

    def test_who_is_unknown_is_told_so(self):
        s3 = self.client("s3")
        self.assert_code("InvalidAccessKeyId", s3.list_buckets)
        self.assert_code("InvalidAccessKeyId", s3.put_object, Bucket="kept", Key="key", Body=b"x")
        status, text = self.server.get("/", {"Authorization": "AWS4-HMAC-SHA256 Credential=nonsense"})
        self.assertEqual(status, 400)
        self.assertIn("<Code>AuthorizationHeaderMalformed</Code>", text)


class Killed(WireTest):
    def test_no_acknowledged_object_is_lost(self):
        with tempfile.TemporaryDirectory() as folder:
            done, after = {}, 0
            for turn in range(3):
                server = Server(data=folder)
                s3 = server.client("s3")
                s3.create_bucket(Bucket="kept")
                unsure = {}

                def put(worker, number, turn=turn, s3=s3, unsure=unsure):
                    key, body = f"{turn}-{worker}-{number % 5}", os.urandom(20_000 + number)
                    try:
                        s3.put_object(Bucket="kept", Key=key, Body=body)
                    except Exception:
                        unsure.setdefault(key, []).append(body)
                        raise
                    done[key] = body

                server.kill_at_work(put, workers=4, seconds=0.5 + 0.3 * turn)
                server = Server(data=folder)
                s3 = server.client("s3")
                listed = {entry["Key"] for entry in s3.list_objects_v2(Bucket="kept").get("Contents", [])}
                self.assertLessEqual(set(done), listed)
                for key in listed:
                    body = s3.get_object(Bucket="kept", Key=key)["Body"].read()
                    self.assertIn(body, [done.get(key), *unsure.get(key, [])], key)
                    done[key] = body
                self.assert_blobs(folder, len(listed))
                self.assertEqual(server.stop(), 0)
                self.assertGreater(len(listed), after)
                after = len(listed)

    def assert_blobs(self, folder, count):
        """What the killed server left behind is swept while requests are answered already."""
        deadline = time.monotonic() + 10
        left = None
        while left != count and time.monotonic() < deadline:
            left = sum(1 for file in Path(folder, "blobs").rglob("*") if file.is_file())
        self.assertEqual(left, count, "blobs are left over")

    def test_no_acknowledged_part_is_lost(self):
        """Uploads of three parts each, one after the other, killed wherever they are."""
        with tempfile.TemporaryDirectory() as folder:
            server = Server(data=folder)
            server.client("s3").create_bucket(Bucket="kept")
            uploads = {}  # by key: its id, its parts as acknowledged, whether it was completed
            for turn in range(3):
                s3 = server.client("s3", config=Config(retries={"max_attempts": 0}))

                def upload(worker, number, turn=turn, s3=s3):
                    key = f"{turn}-{worker}-{number}"
                    state = {"bodies": [os.urandom(5 * MIB), os.urandom(5 * MIB), os.urandom(1000 + number)],
                             "tags": [], "asked": False, "done": False}
                    state["id"] = s3.create_multipart_upload(Bucket="kept", Key=key)["UploadId"]
                    uploads[key] = state
                    name = {"Bucket": "kept", "Key": key, "UploadId": state["id"]}
                    for place, body in enumerate(state["bodies"], 1):
                        state["tags"].append(s3.upload_part(**name, PartNumber=place, Body=body)["ETag"])
                    state["asked"] = True
                    self.complete(s3, key, state)
                    state["done"] = True

                server.kill_at_work(upload, workers=2, seconds=0.6 + 0.45 * turn)
                server = Server(data=folder)
                self.check_uploads(server.client("s3"), uploads, folder)
            self.assertEqual(server.stop(), 0)
            self.assertGreater(sum(state["done"] for state in uploads.values()), 1)

    def complete(self, s3, key, state):
        parts = [{"PartNumber": place, "ETag": tag} for place, tag in enumerate(state["tags"], 1)]
        s3.complete_multipart_upload(Bucket="kept", Key=key, UploadId=state["id"], MultipartUpload={"Parts": parts})

    def check_uploads(self, s3, uploads, folder):
        listed = {entry["Key"] for entry in s3.list_objects_v2(Bucket="kept").get("Contents", [])}
        count = 0
        for key, state in uploads.items():
            if state["done"]:
                self.assertIn(key, listed)
            if key in listed:
                self.assertTrue(state["asked"], "an object that nobody asked for")
                self.assertEqual(s3.get_object(Bucket="kept", Key=key)["Body"].read(), b"".join(state["bodies"]))
                count += 3
                continue
            # Its parts are there, each as it was sent, and it can be gone on with.
            parts = s3.list_parts(Bucket="kept", Key=key, UploadId=state["id"]).get("Parts", [])
            tags = [part["ETag"] for part in parts]
            self.assertEqual(tags[:len(state["tags"])], state["tags"])
            count += len(tags)
            for part, body in zip(parts, state["bodies"], strict=False):
                self.assertEqual(part["ETag"].strip('"'), hashlib.md5(body).hexdigest())  # noqa: S324
                self.assertEqual(part["Size"], len(body))
            if len(tags) == len(state["bodies"]):
                state["tags"] = tags
                self.complete(s3, key, state)
                self.assertEqual(s3.get_object(Bucket="kept", Key=key)["Body"].read(), b"".join(state["bodies"]))
                state["asked"] = state["done"] = True
        self.assert_blobs(folder, count)


if __name__ == "__main__":
    unittest.main()
