"""Buckets' answers where AWS's were recorded: words of multipart checksums, ranges, enumerations, odd keys."""
import base64
import contextlib
import hashlib
import sqlite3
import struct
import tempfile
import unittest
import zlib
from urllib.parse import unquote

from server import Server, ServerTest, WireTest

import botocore.exceptions
from botocore import handlers
from botocore.config import Config

BODY = b"0123456789"
ODD_KEYS = ("a\rb", "a\nb", "a\tb", "a\x7fb", "a\ufffdb", " ", "plain ü&<>", "%01")
NOT_XML = ("a\x01b", "a\ufffeb", "a\uffffb", "a\x0bb", "a\x00b")
MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"


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


def unasked(s3):
    """The client no longer asks for keys in an encoding by itself: as those of other languages."""
    for operation in ("ListObjects", "ListObjectsV2"):
        s3.meta.events.unregister(f"before-parameter-build.s3.{operation}", handlers.set_list_objects_encoding_type_url)
    return s3


class Keys(AnswersTest):
    bucket = "odd-keys"

    def listings(self, s3, **more):
        """The keys of each listing of objects."""
        return [[entry["Key"] for entry in call(Bucket=self.bucket, **more).get("Contents", ())]
                for call in (s3.list_objects, s3.list_objects_v2)]

    def test_what_can_be_made_can_be_named_everywhere(self):
        stored = sorted(ODD_KEYS, key=str.encode)
        for key in ODD_KEYS:
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"x")
            self.assertEqual(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read(), b"x")
            self.s3.head_object(Bucket=self.bucket, Key=key)
        for s3 in (self.s3, unasked(self.client("s3"))):
            self.assertEqual(self.listings(s3), [stored, stored])
        pages = [self.s3.list_objects(Bucket=self.bucket, MaxKeys=1, Delimiter="/", **more)
                 for more in ({}, {"Marker": stored[0]})]
        self.assertEqual([page["Contents"][0]["Key"] for page in pages], stored[:2])
        self.assertEqual(pages[0]["NextMarker"], stored[0])
        deleted = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": [{"Key": key} for key in ODD_KEYS]})
        self.assertEqual([entry["Key"] for entry in deleted["Deleted"]], list(ODD_KEYS))
        self.assertEqual(self.listings(self.s3), [[], []])

    def test_are_uploaded_in_parts(self):
        begun = {}
        for key in ODD_KEYS:
            upload = self.s3.create_multipart_upload(Bucket=self.bucket, Key=key)
            self.assertEqual(upload["Key"], key)
            begun[key] = {"Bucket": self.bucket, "Key": key, "UploadId": upload["UploadId"]}
        stored = sorted(ODD_KEYS, key=str.encode)
        listed = self.s3.list_multipart_uploads(Bucket=self.bucket)
        self.assertNotIn("EncodingType", listed)
        self.assertEqual([upload["Key"] for upload in listed["Uploads"]], stored)
        self.assertEqual((listed["NextKeyMarker"], listed["NextUploadIdMarker"]),
                         (stored[-1], begun[stored[-1]]["UploadId"]), "the last one, of the last page too")
        for key, upload in begun.items():
            etag = self.s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]
            self.assertEqual(len(self.s3.list_parts(**upload)["Parts"]), 1)
            whole = self.s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
            self.assertEqual(whole["Key"], key)
            self.s3.delete_object(Bucket=self.bucket, Key=key)

    def test_what_xml_cannot_carry_is_refused_at_the_door(self):
        self.s3.put_object(Bucket=self.bucket, Key="plain", Body=b"x")
        words = ("Object keys must be UTF-8, without the characters that XML 1.0 cannot carry: control characters other than "
                 "tab, line feed and carriage return, U+FFFE and U+FFFF")
        for key in NOT_XML:
            for call, more in ((self.s3.put_object, {"Body": b"x"}), (self.s3.create_multipart_upload, {}),
                               (self.s3.copy_object, {"CopySource": f"{self.bucket}/plain"})):
                self.refused(lambda call=call, more=more, key=key: call(Bucket=self.bucket, Key=key, **more),
                             "InvalidArgument", words)
            # What is not there can be asked for all the same, but in XML.
            self.refused(lambda key=key: self.s3.get_object(Bucket=self.bucket, Key=key), "NoSuchKey",
                         "The specified key does not exist.", 404)
            self.s3.delete_object(Bucket=self.bucket, Key=key)
            self.refused(lambda key=key: self.s3.delete_objects(
                Bucket=self.bucket, Delete={"Objects": [{"Key": "plain"}, {"Key": key}]}), "MalformedXML", MALFORMED)
            for s3 in (self.s3, unasked(self.client("s3"))):
                self.assertEqual(self.listings(s3, Delimiter=key), [["plain"], ["plain"]])
                self.assertEqual([entry["Key"] for entry in s3.list_objects_v2(Bucket=self.bucket, StartAfter=key)["Contents"]],
                                 ["plain"])
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            self.s3.copy_object(Bucket=self.bucket, Key="x", CopySource=f"{self.bucket}/%FF")
        self.assertEqual(caught.exception.response["Error"]["Code"], "NoSuchKey")
        self.assertEqual(self.listings(self.s3), [["plain"], ["plain"]])
        self.s3.delete_object(Bucket=self.bucket, Key="plain")


class OldKeys(WireTest):
    """Of a version that took any key."""

    def test_are_listed_for_those_that_ask_and_deleted_by_all(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        bucket = {"Bucket": "old"}
        server = Server(data=folder.name)
        s3 = server.client("s3")
        s3.create_bucket(**bucket)
        for key in ("a b", "odd"):
            s3.put_object(**bucket, Key=key, Body=b"x")
            upload = s3.create_multipart_upload(**bucket, Key=key)["UploadId"]
        server.stop()
        with contextlib.closing(sqlite3.connect(folder.name + "/buckets.db")) as database, database:
            for table in ("objects", "uploads"):
                changed = database.execute(f"UPDATE {table} SET object_key = CAST('odd' || CHAR(1) AS BLOB) "
                                           "WHERE object_key = CAST('odd' AS BLOB)").rowcount
                self.assertEqual(changed, 1)
        server = Server(data=folder.name)
        self.addCleanup(server.stop)
        s3, plain = server.client("s3"), unasked(server.client("s3"))
        odd = {**bucket, "Key": "odd\x01"}
        for call in (s3.list_objects, s3.list_objects_v2):
            self.assertEqual([entry["Key"] for entry in call(**bucket)["Contents"]], ["a b", "odd\x01"])
        for call in (plain.list_objects, plain.list_objects_v2, s3.list_multipart_uploads):
            with self.assertRaises(botocore.exceptions.ClientError) as caught:
                call(**bucket)
            self.assertEqual(caught.exception.response["Error"]["Code"], "InvalidRequest")
            self.assertIn("encoding-type=url", caught.exception.response["Error"]["Message"])
        listed = s3.list_multipart_uploads(**bucket, EncodingType="url")
        self.assertEqual([unquote(entry["Key"]) for entry in listed["Uploads"]], ["a b", "odd\x01"])
        self.assertEqual([entry["Key"] for entry in s3.list_multipart_uploads(**bucket, Prefix="a")["Uploads"]], ["a b"])
        self.assertEqual(s3.get_object(**odd)["Body"].read(), b"x")
        s3.copy_object(**bucket, Key="even", CopySource=odd)
        etag = s3.upload_part(**odd, UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            s3.complete_multipart_upload(**odd, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
        self.assertEqual(caught.exception.response["Error"]["Code"], "InvalidArgument")
        s3.abort_multipart_upload(**odd, UploadId=upload)
        s3.delete_object(**odd)
        self.assertEqual([entry["Key"] for entry in plain.list_objects(**bucket)["Contents"]], ["a b", "even"])
        self.assertEqual([entry["Key"] for entry in s3.list_multipart_uploads(**bucket)["Uploads"]], ["a b"])


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

    def test_of_a_copied_part(self):
        self.s3.put_object(Bucket=self.bucket, Key="key", Body=BODY)
        upload = {"Bucket": self.bucket, "Key": "up",
                  "UploadId": self.s3.create_multipart_upload(Bucket=self.bucket, Key="up")["UploadId"]}

        def copy(wanted):
            return lambda: self.s3.upload_part_copy(**upload, PartNumber=1, CopySource=f"{self.bucket}/key",
                                                    CopySourceRange=wanted)

        copy("bytes=9-9")()
        for wanted in ("bytes=0-100", "bytes=0-99999999999999999999"):
            self.refused(copy(wanted), "InvalidArgument", "Range specified is not valid for source object of size: 10",
                         ArgumentName="x-amz-copy-source-range", ArgumentValue=wanted)
        for wanted in ("bytes=100-200", "bytes=99999999999999999999-199999999999999999999"):
            self.refused(copy(wanted), "InvalidRequest", "The specified copy range is invalid for the source object size")
        for wanted in ("0-8", "bytes=1-0", "bytes=-1-", "bytes=0--1", "bytes=0-1,3-4,7-9", "bytes=-", "bytes=1-", "bytes=-2"):
            self.refused(copy(wanted), "InvalidArgument",
                         "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are "
                         "the zero-based offsets of the first and last bytes to copy", ArgumentValue=wanted)


INVALID_PART = ("One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
                "specified entity tag may not match the part's entity tag.")


class MultipartChecksums(AnswersTest):
    bucket = "multipart-checksums"

    def begin(self, **more):
        begun = self.s3.create_multipart_upload(Bucket=self.bucket, Key="key", **more)
        return {"Bucket": self.bucket, "Key": "key", "UploadId": begun["UploadId"]}

    def one_part(self, upload, **checksum):
        """The part as a completion names it, with no checksum."""
        return {"PartNumber": 1, "ETag": self.s3.upload_part(**upload, PartNumber=1, Body=BODY, **checksum)["ETag"]}

    def complete(self, upload, *parts, **more):
        return lambda: self.s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": list(parts)}, **more)

    def other_mode(self, mode):
        return f"The upload was created using the {mode} checksum mode. The complete request must use the same checksum mode."

    def test_what_an_upload_may_have(self):
        def begin(**more):
            return lambda: self.begin(**more)

        self.refused(begin(ChecksumAlgorithm="TEST"), "InvalidRequest",
                     "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
                     "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
        for mode in ("COMPOSITE", "FULL_OBJECT"):
            self.refused(begin(ChecksumType=mode), "InvalidRequest",
                         "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
        for mode, algorithm in (("COMPOSITE", "CRC64NVME"), ("FULL_OBJECT", "SHA1"), ("FULL_OBJECT", "SHA256")):
            self.refused(begin(ChecksumAlgorithm=algorithm, ChecksumType=mode), "InvalidRequest",
                         f"The {mode} checksum type cannot be used with the {algorithm.lower()} checksum algorithm.")
        for algorithm in ("CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"):
            begun = self.s3.create_multipart_upload(Bucket=self.bucket, Key="key", ChecksumAlgorithm=algorithm)
            self.assertEqual((begun["ChecksumAlgorithm"], begun["ChecksumType"]),
                             (algorithm, "FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE"))

    def test_what_a_part_may_have(self):
        def part(upload, **checksum):
            return lambda: self.one_part(upload, **checksum)

        mismatch = "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}"
        composite = self.begin(ChecksumAlgorithm="SHA256")
        self.refused(part(composite, ChecksumCRC32=crc32(BODY)), "InvalidRequest", mismatch.format("sha256", "crc32"))
        self.refused(part(composite), "InvalidRequest", mismatch.format("sha256", "null"))
        whole = self.begin(ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
        self.refused(part(whole, ChecksumSHA256=sha256(BODY)), "InvalidRequest", mismatch.format("crc32", "sha256"))
        self.one_part(whole)
        default = self.begin()
        self.refused(part(default, ChecksumSHA256="AAAA"), "InvalidRequest",
                     "Value for x-amz-checksum-sha256 header is invalid.")
        self.refused(part(default, ChecksumCRC32=crc32(b"bad data")), "BadDigest",
                     "The CRC32 you specified did not match the calculated checksum.")
        self.refused(lambda: self.s3.upload_part(**default, PartNumber=-1, Body=b""), "InvalidArgument",
                     "Part number must be an integer between 1 and 10000, inclusive")

    def test_a_composite_one_needs_those_of_the_parts(self):
        upload = self.begin(ChecksumAlgorithm="CRC32", ChecksumType="COMPOSITE")
        part = self.one_part(upload, ChecksumCRC32=crc32(BODY))
        right = {**part, "ChecksumCRC32": crc32(BODY)}
        self.refused(self.complete(upload, part), "InvalidRequest",
                     "The upload was created using a crc32 checksum. The complete request must include the checksum for "
                     "each part. It was missing for part 1 in the request.")
        self.refused(self.complete(upload, {**part, "ChecksumSHA256": sha256(BODY)}), "BadDigest",
                     "The sha256 you specified for part 1 did not match what we received.")
        self.refused(self.complete(upload, {**part, "ChecksumCRC32": crc32(b"bbb")}), "InvalidPart", INVALID_PART,
                     ETag=part["ETag"].strip('"'), PartNumber="1", UploadId=upload["UploadId"])
        self.refused(self.complete(upload, part, ChecksumType="FULL_OBJECT"), "InvalidRequest", self.other_mode("COMPOSITE"))
        done = self.complete(upload, right)()
        of_parts = crc32(base64.b64decode(crc32(BODY))) + "-1"
        self.assertEqual((done["ChecksumCRC32"], done["ChecksumType"]), (of_parts, "COMPOSITE"))
        for operation in (self.s3.head_object, self.s3.get_object):
            named = {"Bucket": self.bucket, "Key": "key", "ChecksumMode": "ENABLED"}
            self.assertEqual(operation(**named)["ChecksumCRC32"], of_parts)
            answer = operation(**named, PartNumber=1)
            self.assertEqual((answer["ChecksumCRC32"], answer["ChecksumType"], answer["PartsCount"]),
                             (crc32(BODY), "COMPOSITE", 1))

    def test_one_of_the_whole_is_held_against_it(self):
        upload = self.begin(ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
        part = self.one_part(upload, ChecksumCRC32=crc32(BODY))
        bad = "The crc32 you specified did not match the calculated checksum."
        self.refused(self.complete(upload, part, ChecksumType="COMPOSITE"), "InvalidRequest", self.other_mode("FULL_OBJECT"))
        for checksum in ({"ChecksumCRC32": crc32(base64.b64decode(crc32(BODY))) + "-1"}, {"ChecksumCRC32": crc32(BODY)},
                         {"ChecksumSHA256": sha256(BODY)}, {"ChecksumCRC32": crc32(b"bad"), "ChecksumType": "FULL_OBJECT"},
                         {"ChecksumSHA256": sha256(b"bad"), "ChecksumType": "FULL_OBJECT"}):
            self.refused(self.complete(upload, part, **checksum), "BadDigest", bad)
        self.refused(self.complete(upload, {**part, "ChecksumCRC32": crc32(b"bbb")}), "InvalidPart", INVALID_PART)
        done = self.complete(upload, part, ChecksumCRC32=crc32(BODY), ChecksumType="FULL_OBJECT")()
        self.assertEqual((done["ChecksumCRC32"], done["ChecksumType"]), (crc32(BODY), "FULL_OBJECT"))

    def test_without_one_nothing_is_said_of_any(self):
        upload = self.begin()
        sent = self.s3.upload_part(**upload, PartNumber=1, Body=BODY, ChecksumSHA256=sha256(BODY))
        self.assertEqual({name: value for name, value in sent.items() if name.startswith("Checksum")},
                         {"ChecksumSHA256": sha256(BODY)})
        part = {"PartNumber": 1, "ETag": sent["ETag"]}
        for answer in (self.s3.list_parts(**upload), self.s3.list_parts(**upload)["Parts"][0],
                       *(each for each in self.s3.list_multipart_uploads(Bucket=self.bucket)["Uploads"]
                         if each["UploadId"] == upload["UploadId"])):
            self.assertEqual([name for name in answer if name.startswith("Checksum")], [])
        self.refused(self.complete(upload, {**part, "ChecksumSHA256": sha256(BODY)}), "InvalidPart", INVALID_PART,
                     ETag=part["ETag"].strip('"'), PartNumber="1", UploadId=upload["UploadId"])
        for mode in ("FULL_OBJECT", "COMPOSITE"):
            self.refused(self.complete(upload, part, ChecksumType=mode), "InvalidRequest", self.other_mode("null"))
        done = self.complete(upload, part, ChecksumSHA256=sha256(b"passed over"))()
        self.assertEqual((done["ChecksumType"], "ChecksumCRC64NVME" in done), ("FULL_OBJECT", True))

    def test_copied_parts_have_the_uploads(self):
        self.s3.put_object(Bucket=self.bucket, Key="source", Body=BODY)
        for mode, told in (("COMPOSITE", crc32(base64.b64decode(crc32(BODY))) + "-1"), ("FULL_OBJECT", crc32(BODY))):
            upload = self.begin(ChecksumAlgorithm="CRC32", ChecksumType=mode)
            copied = self.s3.upload_part_copy(**upload, PartNumber=1, CopySource=f"{self.bucket}/source")["CopyPartResult"]
            self.assertEqual(copied["ChecksumCRC32"], crc32(BODY))
            part = {"PartNumber": 1, "ETag": copied["ETag"], "ChecksumCRC32": copied["ChecksumCRC32"]}
            self.assertEqual(self.complete(upload, part)()["ChecksumCRC32"], told)
        copied = self.s3.upload_part_copy(**self.begin(), PartNumber=1, CopySource=f"{self.bucket}/source")["CopyPartResult"]
        self.assertEqual([name for name in copied if name.startswith("Checksum")], [])

    def test_parts_that_do_not_fit(self):
        upload = self.begin()
        part = self.one_part(upload)
        second = {"PartNumber": 2, "ETag": self.s3.upload_part(**upload, PartNumber=2, Body=BODY)["ETag"]}
        etag = part["ETag"].strip('"')
        none = "You must specify at least one part"
        self.refused(lambda: self.s3.complete_multipart_upload(**upload), "InvalidRequest", none)
        self.refused(self.complete(upload), "InvalidRequest", none)
        self.refused(self.complete(upload, part, second), "EntityTooSmall",
                     "Your proposed upload is smaller than the minimum allowed size", ETag=etag, PartNumber="1",
                     MinSizeAllowed="5242880", ProposedSize="10")
        self.refused(self.complete(upload, {"PartNumber": 3, "ETag": part["ETag"]}), "InvalidPart", INVALID_PART,
                     ETag=etag, PartNumber="3", UploadId=upload["UploadId"])
        self.refused(self.complete(upload, second, part), "InvalidPartOrder",
                     "The list of parts was not in ascending order. Parts must be ordered by part number.",
                     UploadId=upload["UploadId"])
        self.refused(self.complete(upload, part, MpuObjectSize=11), "InvalidRequest",
                     "The provided 'x-amz-mp-object-size' header value 11 does not match what was computed: 10")
        self.complete(upload, part, MpuObjectSize=10)()
        self.refused(self.complete({**upload, "UploadId": "fakeid"}), "NoSuchUpload",
                     "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
                     "or completed.", 404)


if __name__ == "__main__":
    unittest.main()
