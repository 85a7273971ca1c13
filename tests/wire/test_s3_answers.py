"""Buckets' answers where AWS's were recorded: words of multipart checksums, ranges, enumerations, odd keys."""
import base64
import hashlib
import struct
import unittest
import xml.etree.ElementTree as ElementTree
import zlib
from urllib.parse import unquote

from server import ServerTest

import botocore.exceptions
from botocore.config import Config

BODY = b"0123456789"
ODD_KEYS = ("a\x01b", "a\ufffeb", "a\uffffb", "a\x0bb", "a\rb", "plain ü&<>")


def sha256(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def crc32(data):
    return base64.b64encode(struct.pack(">I", zlib.crc32(data))).decode()


class AnswersTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.s3 = cls.server.client("s3", config=Config(request_checksum_calculation="when_required"))
        cls.s3.create_bucket(Bucket=cls.bucket)

    def with_head(self, operation, change, **named):
        """The operation's answer, its request changed before it is signed."""
        def before(request, **_):
            change(request)

        event = f"before-sign.s3.{operation}"
        self.s3.meta.events.register(event, before)
        try:
            method = "".join("_" + c.lower() if c.isupper() else c for c in operation).lstrip("_")
            return getattr(self.s3, method)(Bucket=self.bucket, **named)
        finally:
            self.s3.meta.events.unregister(event, before)

    def with_headers(self, operation, headers, **named):
        def change(request):
            for name, value in headers.items():
                del request.headers[name]
                request.headers[name] = value

        return self.with_head(operation, change, **named)

    def refused(self, call, code, message, status=400, **details):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call()
        answer = caught.exception.response
        self.assertEqual((answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]),
                         (status, code, message))
        for name, value in details.items():
            self.assertEqual(answer["Error"][name], value)


class Enumerations(AnswersTest):
    bucket = "enumerations"

    def test_values_come_in_either_case(self):
        self.with_headers("PutObject", {"x-amz-storage-class": "standard", "x-amz-acl": "PRIVATE",
                                        "x-amz-server-side-encryption": "aes256",
                                        "x-amz-sdk-checksum-algorithm": "crc32"}, Key="key", Body=BODY)
        got = self.with_headers("GetObject", {"x-amz-checksum-mode": "enabled"}, Key="key")
        self.assertEqual((got["Body"].read(), got["ChecksumCRC32"]), (BODY, crc32(BODY)))
        head = self.with_headers("HeadObject", {"x-amz-checksum-mode": "Enabled"}, Key="key")
        self.assertEqual(head["ChecksumCRC32"], crc32(BODY))
        self.with_headers("CopyObject", {"x-amz-metadata-directive": "replace", "x-amz-checksum-algorithm": "sha256"},
                          Key="key", CopySource=f"{self.bucket}/key", Metadata={"a": "b"})
        self.assertEqual(self.s3.head_object(Bucket=self.bucket, Key="key")["Metadata"], {"a": "b"})
        begun = self.with_headers("CreateMultipartUpload", {"x-amz-checksum-algorithm": "crc32",
                                                            "x-amz-checksum-type": "full_object"}, Key="up")
        self.assertEqual((begun["ChecksumAlgorithm"], begun["ChecksumType"]), ("CRC32", "FULL_OBJECT"))

        def shout(request):
            request.url = request.url.replace("encoding-type=url", "encoding-type=URL")

        self.assertEqual(self.with_head("ListObjectsV2", shout)["EncodingType"], "url")

    def test_others_are_refused_in_s3s_words(self):
        words = "Invalid Encoding Method specified in Request"
        for value in ("value", ""):
            self.refused(lambda value=value: self.s3.list_objects_v2(Bucket=self.bucket, EncodingType=value),
                         "InvalidArgument", words, ArgumentName="encoding-type")
        self.refused(lambda: self.s3.put_object(Bucket=self.bucket, Key="x", Body=b"", StorageClass="GOLD"),
                     "InvalidStorageClass", "The storage class you specified is not valid")

    def test_optional_attributes_are_a_list(self):
        listed = self.s3.list_objects_v2(Bucket=self.bucket, OptionalObjectAttributes=["RestoreStatus"])
        self.assertEqual(listed["Name"], self.bucket)


class Keys(AnswersTest):
    bucket = "odd-keys"

    def read_xml(self, operation):
        """The listing as a client gets it that does not ask for an encoding, as the SDK does by itself."""
        url = self.s3.generate_presigned_url(operation, {"Bucket": self.bucket})
        status, text = self.server.get(url.removeprefix(self.server.endpoint).replace("encoding-type=url", ""))
        self.assertEqual(status, 200)
        root = ElementTree.fromstring(text)
        space = root.tag.split("}")[0] + "}"
        encoded = root.findtext(space + "EncodingType") == "url"
        keys = [element.text for element in root.iter(space + "Key")]
        return [unquote(key) for key in keys] if encoded else keys, encoded

    def test_are_listed_as_they_are_stored(self):
        for key in ODD_KEYS:
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"x")
            self.assertEqual(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read(), b"x")
        stored = sorted(ODD_KEYS, key=str.encode)
        for operation in ("list_objects", "list_objects_v2"):
            listed = getattr(self.s3, operation)(Bucket=self.bucket)
            self.assertEqual([entry["Key"] for entry in listed["Contents"]], stored)
            self.assertEqual(self.read_xml(operation), (stored, True))
        pages = [self.s3.list_objects(Bucket=self.bucket, MaxKeys=1, Delimiter="/", **more)
                 for more in ({}, {"Marker": stored[0]})]
        self.assertEqual([page["Contents"][0]["Key"] for page in pages], stored[:2])
        self.assertEqual(pages[0]["NextMarker"], stored[0])
        missing = "none\x01"
        self.refused(lambda: self.s3.get_object(Bucket=self.bucket, Key=missing), "NoSuchKey",
                     "The specified key does not exist.", 404)
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            self.s3.copy_object(Bucket=self.bucket, Key="x", CopySource=f"{self.bucket}/%FF")
        self.assertEqual(caught.exception.response["Error"]["Code"], "NoSuchKey")
        # S3 takes such a key in the path only: no XML can say it, so nothing is deleted.
        for key in ODD_KEYS[:4]:
            self.refused(lambda key=key: self.s3.delete_objects(Bucket=self.bucket,
                                                                Delete={"Objects": [{"Key": "plain ü&<>"}, {"Key": key}]}),
                         "MalformedXML",
                         "The XML you provided was not well-formed or did not validate against our published schema")
        self.assertEqual(self.read_xml("list_objects"), (stored, True))
        for key in ODD_KEYS[:4]:
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        deleted = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": [{"Key": key} for key in ODD_KEYS[4:]]})
        self.assertEqual([entry["Key"] for entry in deleted["Deleted"]], list(ODD_KEYS[4:]))
        self.assertEqual(self.read_xml("list_objects_v2"), ([], False))

    def test_are_uploaded_in_parts(self):
        begun = {}
        for key in ODD_KEYS:
            upload = self.s3.create_multipart_upload(Bucket=self.bucket, Key=key)
            self.assertEqual(upload.get("Key"), key if key in ODD_KEYS[4:] else None)
            begun[key] = {"Bucket": self.bucket, "Key": key, "UploadId": upload["UploadId"]}
        stored = sorted(ODD_KEYS, key=str.encode)
        self.assertEqual(self.read_xml("list_multipart_uploads"), (stored, True))
        listed = self.s3.list_multipart_uploads(Bucket=self.bucket)
        self.assertEqual((listed["EncodingType"], [unquote(upload["Key"]) for upload in listed["Uploads"]]), ("url", stored))
        plain = self.s3.list_multipart_uploads(Bucket=self.bucket, Prefix="plain")
        self.assertEqual([upload["Key"] for upload in plain["Uploads"]], ["plain ü&<>"], "nothing there needs it")
        self.assertNotIn("EncodingType", plain)
        for key, upload in begun.items():
            etag = self.s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]
            self.assertEqual(len(self.s3.list_parts(**upload)["Parts"]), 1)
            self.s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
            self.s3.delete_object(Bucket=self.bucket, Key=key)


class Ranges(AnswersTest):
    bucket = "ranges"

    def test_a_head_of_a_range_is_that_of_its_get(self):
        self.s3.put_object(Bucket=self.bucket, Key="key", Body=BODY)
        for wanted, told in (({"Range": "bytes=2-4"}, "bytes 2-4/10"), ({"Range": "bytes=-3"}, "bytes 7-9/10"),
                             ({"Range": "bytes=1-99999999999999999999"}, "bytes 1-9/10"),
                             ({"Range": "bytes=-99999999999999999999"}, "bytes 0-9/10"),
                             ({"PartNumber": 1}, "bytes 0-9/10"), ({}, None), ({"Range": "bytes=1-0"}, None)):
            with self.subTest(wanted):
                for operation in (self.s3.head_object, self.s3.get_object):
                    answer = operation(Bucket=self.bucket, Key="key", **wanted)
                    self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 206 if told else 200)
                    self.assertEqual(answer.get("ContentRange"), told)
                    first, last = map(int, told[6:-3].split("-")) if told else (0, 9)
                    self.assertEqual(answer["ContentLength"], last - first + 1)

    def test_what_starts_beyond_is_refused(self):
        self.s3.put_object(Bucket=self.bucket, Key="key", Body=BODY)
        for wanted in ("bytes=10-", "bytes=18446744073709551615-", "bytes=99999999999999999999-",
                       "bytes=99999999999999999999-199999999999999999999", "bytes=-0"):
            with self.subTest(wanted):
                named = {"Bucket": self.bucket, "Key": "key", "Range": wanted}
                self.refused(lambda named=named: self.s3.get_object(**named), "InvalidRange",
                             "The requested range is not satisfiable", 416, RangeRequested=wanted, ActualObjectSize="10")
                self.assert_code("416", self.s3.head_object, **named)


if __name__ == "__main__":
    unittest.main()
