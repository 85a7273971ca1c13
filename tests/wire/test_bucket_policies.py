"""Policies of buckets: what they let other accounts and nobody do, and what they may say."""
import json
import subprocess
import tempfile
import unittest
from pathlib import Path

from server import PROGRAM, Server, ServerTest

from botocore import UNSIGNED
from botocore.config import Config

OWNER, OTHER = "000000000000", "111122223333"
ALL_OFF = {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
EVERYTHING = ("--policy", "AdministratorAccess")


def make_key(data, account, *more):
    made = subprocess.run([PROGRAM, "keys", "create", "--json", "--data", data, "--account", account, *more],
                          check=True, capture_output=True, encoding="utf-8")
    key = json.loads(made.stdout)
    return {"key": key["access_key_id"], "secret": key["secret_access_key"]}


class PolicyTest(ServerTest):
    """A server that takes issued keys alone, of two accounts; each test has a bucket of the first one's."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.data = Path(cls.folder.name, "data")
        cls.root, cls.user = make_key(cls.data, OWNER), make_key(cls.data, OWNER, "--user", "anna", *EVERYTHING)
        cls.foreign_root, cls.foreign_user = make_key(cls.data, OTHER), make_key(cls.data, OTHER, "--user", "otto", *EVERYTHING)
        cls.server = Server("--enforced", data=cls.data)

    def setUp(self):
        self.s3 = self.client("s3", **self.root)
        self.mine = self.client("s3", **self.user)
        self.theirs = self.client("s3", **self.foreign_user)
        self.nobody = self.anonymous(self.server)
        self.bucket = self.id().rsplit(".", 1)[1].replace("_", "-")[:63].rstrip("-")
        self.arn = f"arn:aws:s3:::{self.bucket}"
        self.s3.create_bucket(Bucket=self.bucket)
        self.s3.put_object(Bucket=self.bucket, Key="key", Body=b"content")

    @staticmethod
    def anonymous(server):
        return server.client("s3", config=Config(signature_version=UNSIGNED))

    def statement(self, actions, principal="*", effect="Allow", resources=("", "/*"), **more):
        who = {} if "NotPrincipal" in more else {"Principal": principal}
        return {"Effect": effect, **who, "Action": actions, "Resource": [self.arn + each for each in resources], **more}

    def policy(self, *statements, client=None):
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        (client or self.s3).put_bucket_policy(Bucket=self.bucket, Policy=text)
        return text

    def let_the_public_in(self):
        self.s3.put_public_access_block(Bucket=self.bucket, PublicAccessBlockConfiguration=ALL_OFF)

    def denied(self, call, **named):
        """403 AccessDenied; returns the message."""
        try:
            call(Bucket=self.bucket, **named)
        except Exception as error:
            answer = error.response
            self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 403, answer)
            self.assertIn(answer["Error"]["Code"], ("AccessDenied", "403"))
            return answer["Error"]["Message"]
        self.fail("it was not denied")

    def read(self, client, key="key"):
        return client.get_object(Bucket=self.bucket, Key=key)["Body"].read()


class Documents(PolicyTest):
    def refused(self, code, **named):
        return self.assert_code(code, self.s3.put_bucket_policy, Bucket=self.bucket, **named)["Error"]["Message"]

    def test_is_kept_as_it_was_given(self):
        missing = self.assert_code("NoSuchBucketPolicy", self.s3.get_bucket_policy, Bucket=self.bucket)
        self.assertEqual((missing["ResponseMetadata"]["HTTPStatusCode"], missing["Error"]["Message"], missing["Error"]["BucketName"]),
                         (404, "The bucket policy does not exist", self.bucket))
        self.assert_code("NoSuchBucketPolicy", self.s3.get_bucket_policy_status, Bucket=self.bucket)
        put = self.s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(
            {"Version": "2012-10-17", "Statement": self.statement("s3:ListBucket", {"AWS": OTHER}, resources=[""])}))
        self.assertEqual(put["ResponseMetadata"]["HTTPStatusCode"], 204)
        text = self.policy(self.statement("s3:GetObject", {"AWS": OTHER}))
        got = self.s3.get_bucket_policy(Bucket=self.bucket)
        self.assertEqual(got["Policy"], text)
        self.assertFalse(self.s3.get_bucket_policy_status(Bucket=self.bucket)["PolicyStatus"]["IsPublic"])
        gone = self.s3.delete_bucket_policy(Bucket=self.bucket)
        self.assertEqual(gone["ResponseMetadata"]["HTTPStatusCode"], 204)
        self.s3.delete_bucket_policy(Bucket=self.bucket)
        self.assert_code("NoSuchBucketPolicy", self.s3.get_bucket_policy, Bucket=self.bucket)
        self.assert_code("NoSuchBucket", self.s3.get_bucket_policy, Bucket="nowhere")
        self.assert_code("NoSuchBucket", self.s3.put_bucket_policy, Bucket="nowhere", Policy=text)

    def test_malformed_ones_are_refused_in_s3s_words(self):
        statement = self.statement("s3:GetObject", {"AWS": OTHER})
        for message, change in (("Policy has invalid resource", {"Resource": "arn:aws:s3:::other/*"}),
                                ("Policy has invalid action", {"Action": "sqs:SendMessage"}),
                                ("Action does not apply to any resource(s) in statement", {"Resource": self.arn}),
                                ("Invalid principal in policy", {"Principal": {"AWS": "someone"}}),
                                ("Missing required field Effect", {"Effect": None}),
                                ("Invalid effect: allow", {"Effect": "allow"}),
                                ("Unknown field Actions", {"Actions": "s3:GetObject"})):
            wrong = {name: value for name, value in {**statement, **change}.items() if value is not None}
            text = json.dumps({"Version": "2012-10-17", "Statement": [wrong]})
            self.assertEqual(self.refused("MalformedPolicy", Policy=text), message)
        self.assertEqual(self.refused("MalformedPolicy", Policy="{}"), "Missing required field Statement")
        for text in ("", "{", "[]", "nonsense"):
            self.assertEqual(self.refused("MalformedPolicy", Policy=text),
                             "Policies must be valid JSON and the first byte must be '{'")
        large = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Sid": "x" * 20_480}]})
        self.assertEqual(self.refused("MalformedPolicy", Policy=large),
                         "Normalized policy document exceeds the maximum allowed size of 20480 bytes")
        self.assert_code("NoSuchBucketPolicy", self.s3.get_bucket_policy, Bucket=self.bucket)

    def test_survives_a_kill(self):
        with tempfile.TemporaryDirectory() as data:
            server = Server(data=data)
            s3 = server.client("s3")
            s3.create_bucket(Bucket=self.bucket)
            s3.delete_public_access_block(Bucket=self.bucket)
            s3.put_object(Bucket=self.bucket, Key="key", Body=b"content")
            text = self.policy(self.statement("s3:GetObject", resources=["/*"]), client=s3)
            server.kill()
            server = Server(data=data)
            self.assertEqual(server.client("s3").get_bucket_policy(Bucket=self.bucket)["Policy"], text)
            self.assertEqual(self.read(self.anonymous(server)), b"content")
            self.assert_code("NoSuchPublicAccessBlockConfiguration", server.client("s3").get_public_access_block, Bucket=self.bucket)
            server.stop()

    def test_goes_with_its_bucket(self):
        self.policy(self.statement("s3:*", {"AWS": OTHER}))
        self.s3.delete_object(Bucket=self.bucket, Key="key")
        self.s3.delete_bucket(Bucket=self.bucket)
        self.client("s3", **self.foreign_root).create_bucket(Bucket=self.bucket)
        self.denied(self.s3.get_bucket_location)
        self.assert_code("NoSuchBucketPolicy", self.client("s3", **self.foreign_root).get_bucket_policy, Bucket=self.bucket)


class PublicAccess(PolicyTest):
    def test_new_buckets_block_it(self):
        block = self.s3.get_public_access_block(Bucket=self.bucket)["PublicAccessBlockConfiguration"]
        self.assertEqual(block, {name: True for name in ALL_OFF})
        everyone = {"AWS": "*"}
        message = None
        try:
            self.policy(self.statement("s3:GetObject", everyone), client=self.mine)
        except Exception as error:
            self.assertEqual(error.response["Error"]["Code"], "AccessDenied")
            message = error.response["Error"]["Message"]
        self.assertEqual(message, f"User: arn:aws:iam::{OWNER}:user/anna is not authorized to perform: s3:PutBucketPolicy on "
                                  f'resource: "{self.arn}" because public policies are blocked by the BlockPublicPolicy block '
                                  "public access setting.")
        # One that keeps to a network is not public.
        self.policy(self.statement("s3:GetObject", everyone, Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}))
        self.assertEqual(self.read(self.nobody), b"content")

    def test_is_let_in_and_kept_out_again(self):
        self.let_the_public_in()
        self.policy(self.statement("s3:GetObject"), self.statement("s3:ListBucket", {"AWS": OTHER}))
        self.assertTrue(self.s3.get_bucket_policy_status(Bucket=self.bucket)["PolicyStatus"]["IsPublic"])
        self.assertEqual(self.read(self.nobody), b"content")
        self.theirs.list_objects_v2(Bucket=self.bucket)
        self.s3.put_public_access_block(Bucket=self.bucket, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
        block = self.s3.get_public_access_block(Bucket=self.bucket)["PublicAccessBlockConfiguration"]
        self.assertEqual(block, {**ALL_OFF, "RestrictPublicBuckets": True})
        self.denied(self.nobody.get_object, Key="key")
        self.denied(self.theirs.list_objects_v2)
        self.assertEqual(self.read(self.mine), b"content")
        self.s3.delete_public_access_block(Bucket=self.bucket)
        self.assert_code("NoSuchPublicAccessBlockConfiguration", self.s3.get_public_access_block, Bucket=self.bucket)
        self.assertEqual(self.read(self.nobody), b"content")


class Anonymous(PolicyTest):
    def test_may_do_nothing_without_a_policy(self):
        message = self.denied(self.nobody.get_object, Key="key")
        self.assertEqual(message, "Access Denied")
        for call, named in ((self.nobody.head_object, {"Key": "key"}), (self.nobody.head_bucket, {}),
                            (self.nobody.list_objects, {}), (self.nobody.list_objects_v2, {}), (self.nobody.delete_bucket, {}),
                            (self.nobody.put_object, {"Key": "key", "Body": b"x"}), (self.nobody.delete_object, {"Key": "key"}),
                            (self.nobody.get_bucket_policy, {}), (self.nobody.put_bucket_policy, {"Policy": "{}"}),
                            (self.nobody.delete_bucket_policy, {}), (self.nobody.create_bucket, {}),
                            (self.nobody.copy_object, {"Key": "copy", "CopySource": f"{self.bucket}/key"}),
                            (self.nobody.create_multipart_upload, {"Key": "key"}),
                            (self.nobody.delete_objects, {"Delete": {"Objects": [{"Key": "key"}]}})):
            self.denied(call, **named)
        self.assert_code("AccessDenied", self.nobody.list_buckets)
        self.assert_code("AccessDenied", self.nobody.create_bucket, Bucket="of-nobody")
        self.assert_code("NoSuchBucket", self.nobody.list_objects_v2, Bucket="nowhere")

    def test_reads_what_a_policy_lets_everyone_read(self):
        self.let_the_public_in()
        self.policy(self.statement("s3:GetObject", resources=["/*"]))
        status, body = self.server.get(f"/{self.bucket}/key")
        self.assertEqual((status, body), (200, "content"))
        port = self.server.endpoint.rsplit(":", 1)[1]
        self.assertEqual(self.server.get("/key", {"Host": f"{self.bucket}.localhost:{port}"}), (200, "content"))
        self.assertEqual(self.nobody.head_object(Bucket=self.bucket, Key="key")["ContentLength"], 7)
        self.assertEqual(self.nobody.get_object(Bucket=self.bucket, Key="key", Range="bytes=0-2")["Body"].read(), b"con")
        self.denied(self.nobody.list_objects_v2)
        self.denied(self.nobody.get_object, Key="missing")
        self.denied(self.nobody.head_object, Key="missing")
        self.denied(self.nobody.put_object, Key="key", Body=b"x")
        self.policy(self.statement(["s3:GetObject", "s3:ListBucket"]))
        (listed,) = self.nobody.list_objects_v2(Bucket=self.bucket, FetchOwner=True)["Contents"]
        self.assertEqual((listed["Key"], listed["Owner"]["ID"]), ("key", OWNER))
        self.nobody.head_bucket(Bucket=self.bucket)
        self.assert_code("NoSuchKey", self.nobody.get_object, Bucket=self.bucket, Key="missing")
        self.assert_code("404", self.nobody.head_object, Bucket=self.bucket, Key="missing")

    def test_writes_what_a_policy_lets_everyone_write(self):
        self.let_the_public_in()
        self.policy(self.statement(["s3:PutObject", "s3:DeleteObject"], resources=["/inbox/*"]))
        self.nobody.put_object(Bucket=self.bucket, Key="inbox/a", Body=b"posted")
        self.assertEqual(self.read(self.s3, "inbox/a"), b"posted")
        self.denied(self.nobody.put_object, Key="a", Body=b"x")
        self.nobody.delete_object(Bucket=self.bucket, Key="inbox/a")
        self.denied(self.nobody.delete_object, Key="key")

    def test_reads_over_tls_where_a_policy_asks_for_it(self):
        server = Server("--tls-self-signed")
        s3 = server.client("s3", verify=False)
        s3.create_bucket(Bucket=self.bucket)
        s3.delete_public_access_block(Bucket=self.bucket)
        s3.put_object(Bucket=self.bucket, Key="key", Body=b"content")
        self.policy(self.statement("s3:GetObject", resources=["/*"], Condition={"Bool": {"aws:SecureTransport": "true"}}), client=s3)
        nobody = server.client("s3", verify=False, config=Config(signature_version=UNSIGNED))
        self.assertEqual(self.read(nobody), b"content")
        self.policy(self.statement("s3:GetObject", resources=["/*"], Condition={"Bool": {"aws:SecureTransport": "false"}}), client=s3)
        self.denied(nobody.get_object, Key="key")
        server.stop()

    def test_is_nobody_in_local_mode_too(self):
        server = Server()
        server.client("s3").create_bucket(Bucket="local")
        for path in ("/", "/local", "/local/key"):
            status, body = server.get(path)
            self.assertEqual(status, 403)
            self.assertIn("<Code>AccessDenied</Code><Message>Access Denied</Message>", body)
        server.stop()


class OtherAccounts(PolicyTest):
    def test_names_are_shared(self):
        error = self.assert_code("BucketAlreadyExists", self.theirs.create_bucket, Bucket=self.bucket)
        self.assertEqual(error["ResponseMetadata"]["HTTPStatusCode"], 409)
        self.assertEqual(self.denied(self.theirs.list_objects_v2), "Access Denied")
        self.assert_code("NoSuchBucket", self.theirs.list_objects_v2, Bucket="nowhere")
        self.assertNotIn(self.bucket, [each["Name"] for each in self.theirs.list_buckets()["Buckets"]])

    def test_are_let_in_by_account_user_or_root(self):
        for principal, user, root in ((OTHER, True, True), (f"arn:aws:iam::{OTHER}:root", True, True),
                                      (f"arn:aws:iam::{OTHER}:user/otto", True, False),
                                      (f"arn:aws:iam::{OTHER}:user/anna", False, False), (OWNER, False, False)):
            with self.subTest(principal):
                self.policy(self.statement(["s3:GetObject", "s3:ListBucket"], {"AWS": principal}))
                for client, allowed in ((self.theirs, user), (self.client("s3", **self.foreign_root), root)):
                    if allowed:
                        self.assertEqual(self.read(client), b"content")
                        client.list_objects_v2(Bucket=self.bucket, ExpectedBucketOwner=OWNER)
                        self.denied(client.list_objects_v2, ExpectedBucketOwner=OTHER)
                        self.denied(client.delete_object, Key="key")
                    else:
                        self.denied(client.get_object, Key="key")
                self.denied(self.nobody.get_object, Key="key")

    def test_cannot_be_let_to_its_policy(self):
        self.policy(self.statement("s3:*", {"AWS": OTHER}))
        for call, named in ((self.theirs.get_bucket_policy, {}), (self.theirs.delete_bucket_policy, {}),
                            (self.theirs.put_bucket_policy, {"Policy": "{}"})):
            self.assert_code("MethodNotAllowed", call, Bucket=self.bucket, **named)

    def test_write_objects_that_are_the_owners(self):
        self.policy(self.statement(["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"], {"AWS": OTHER},
                                   resources=["/*"]))
        self.theirs.put_object(Bucket=self.bucket, Key="sent", Body=b"sent")
        upload = {"Bucket": self.bucket, "Key": "parts"}
        upload["UploadId"] = self.theirs.create_multipart_upload(**upload)["UploadId"]
        part = {"PartNumber": 1, "ETag": self.theirs.upload_part(PartNumber=1, Body=b"part", **upload)["ETag"]}
        self.theirs.complete_multipart_upload(MultipartUpload={"Parts": [part]}, **upload)
        self.denied(self.theirs.get_object, Key="sent")
        # What is there is for those who may read it.
        for key in ("sent", "missing"):
            self.denied(self.theirs.put_object, Key=key, Body=b"", IfMatch='"0"')
        self.assertEqual((self.read(self.mine, "sent"), self.read(self.mine, "parts")), (b"sent", b"part"))

    def test_copies_need_both_sides(self):
        theirs = f"{self.bucket}-theirs"[:63]
        self.theirs.create_bucket(Bucket=theirs)
        self.theirs.put_object(Bucket=theirs, Key="key", Body=b"theirs")
        out = {"Bucket": theirs, "Key": "copied", "CopySource": f"{self.bucket}/key"}
        self.assert_code("AccessDenied", self.theirs.copy_object, **out)
        self.policy(self.statement(["s3:GetObject"], {"AWS": OTHER}))
        self.theirs.copy_object(**out)
        self.assertEqual(self.theirs.get_object(Bucket=theirs, Key="copied")["Body"].read(), b"content")
        upload = {"Bucket": theirs, "Key": "parts"}
        upload["UploadId"] = self.theirs.create_multipart_upload(**upload)["UploadId"]
        self.theirs.upload_part_copy(PartNumber=1, CopySource=f"{self.bucket}/key", **upload)
        self.assert_code("AccessDenied", self.theirs.upload_part_copy, PartNumber=1, CopySource=f"{self.bucket}/missing", **upload)
        into = {"Bucket": self.bucket, "Key": "copied", "CopySource": f"{theirs}/key"}
        self.assert_code("AccessDenied", self.theirs.copy_object, **into)
        self.policy(self.statement(["s3:PutObject"], {"AWS": OTHER}))
        self.theirs.copy_object(**into, ExpectedSourceBucketOwner=OTHER)
        self.assert_code("AccessDenied", self.theirs.copy_object, **into, ExpectedSourceBucketOwner=OWNER)
        self.assert_code("AccessDenied", self.theirs.copy_object, **out)
        self.assert_code("AccessDenied", self.theirs.upload_part_copy, PartNumber=1, CopySource=f"{self.bucket}/key", **upload)
        self.assertEqual(self.read(self.s3, "copied"), b"theirs")
        self.assert_code("NoSuchBucket", self.theirs.copy_object, **{**out, "CopySource": "nowhere/key"})


class Denials(PolicyTest):
    def test_hold_for_the_owners_users_and_say_why(self):
        self.policy(self.statement("s3:DeleteObject", effect="Deny"))
        self.assertEqual(self.denied(self.mine.delete_object, Key="key"),
                         f"User: arn:aws:iam::{OWNER}:user/anna is not authorized to perform: s3:DeleteObject on resource: "
                         f'"{self.arn}/key" with an explicit deny in a resource-based policy')
        self.denied(self.s3.delete_object, Key="key")
        self.assertEqual(self.read(self.mine), b"content")

    def test_that_lock_everybody_out_are_taken_away_by_the_root(self):
        self.policy(self.statement("s3:*", effect="Deny"))
        for client in (self.mine, self.s3):
            self.denied(client.get_object, Key="key")
            self.denied(client.list_objects_v2)
        self.denied(self.mine.delete_bucket_policy)
        self.denied(self.mine.put_bucket_policy, Policy="{}")
        self.s3.get_bucket_policy(Bucket=self.bucket)
        self.policy(self.statement("s3:*", effect="Deny", Condition={"Bool": {"aws:SecureTransport": "true"}}))
        self.assertEqual(self.read(self.mine), b"content")
        self.policy(self.statement("s3:*", effect="Deny"))
        self.s3.delete_bucket_policy(Bucket=self.bucket)
        self.assertEqual(self.read(self.mine), b"content")

    def test_spare_who_is_named(self):
        self.policy(self.statement("s3:GetObject", effect="Deny",
                                   NotPrincipal={"AWS": [f"arn:aws:iam::{OWNER}:user/anna", f"arn:aws:iam::{OWNER}:root"]}))
        self.assertEqual(self.read(self.mine), b"content")
        other = self.client("s3", **make_key(self.data, OWNER, "--user", "berta"))
        self.denied(other.get_object, Key="key")

    def test_count_for_each_key_that_is_deleted(self):
        self.policy(self.statement("s3:DeleteObject", effect="Deny", resources=["/kept/*"]))
        self.s3.put_object(Bucket=self.bucket, Key="kept/a", Body=b"a")
        answer = self.mine.delete_objects(Bucket=self.bucket, Delete={"Objects": [{"Key": "key"}, {"Key": "kept/a"}]})
        self.assertEqual([one["Key"] for one in answer["Deleted"]], ["key"])
        self.assertEqual([(one["Key"], one["Code"]) for one in answer["Errors"]], [("kept/a", "AccessDenied")])
        self.assertEqual(self.read(self.mine, "kept/a"), b"a")
        self.assert_code("NoSuchBucket", self.mine.delete_objects, Bucket="nowhere", Delete={"Objects": [{"Key": "key"}]})

    def test_hide_what_is_missing_from_who_may_not_list(self):
        self.policy(self.statement("s3:ListBucket", {"AWS": f"arn:aws:iam::{OWNER}:user/anna"}, "Deny", resources=[""]))
        self.assertIn("s3:ListBucket", self.denied(self.mine.get_object, Key="missing"))
        self.denied(self.mine.head_object, Key="missing")
        self.denied(self.mine.copy_object, Key="copy", CopySource=f"{self.bucket}/missing")
        self.assertEqual(self.read(self.mine), b"content")
        self.assert_code("NoSuchKey", self.s3.get_object, Bucket=self.bucket, Key="missing")
        self.assert_code("404", self.s3.head_object, Bucket=self.bucket, Key="missing")


class Conditions(PolicyTest):
    def allow_if(self, actions, condition, principal={"AWS": OTHER}):  # noqa: B006
        self.policy(self.statement(actions, principal, Condition=condition))

    def test_on_what_is_listed(self):
        self.allow_if("s3:ListBucket", {"StringLike": {"s3:prefix": "home/*"}, "StringEquals": {"s3:delimiter": "/"},
                                        "NumericLessThanEquals": {"s3:max-keys": "10"}})
        asked = {"Prefix": "home/otto", "Delimiter": "/", "MaxKeys": 10}
        self.theirs.list_objects_v2(Bucket=self.bucket, **asked)
        self.theirs.list_objects(Bucket=self.bucket, **asked)
        for change in ({"Prefix": "key"}, {"Delimiter": "-"}, {"MaxKeys": 11}):
            self.denied(self.theirs.list_objects_v2, **{**asked, **change})
        self.denied(self.theirs.list_objects_v2)

    def test_on_the_acl(self):
        self.allow_if("s3:PutObject", {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}})
        self.theirs.put_object(Bucket=self.bucket, Key="a", Body=b"a", ACL="bucket-owner-full-control")
        self.denied(self.theirs.put_object, Key="a", Body=b"a")

    def test_on_addresses_and_transport(self):
        for condition, holds in (({"IpAddress": {"aws:SourceIp": ["127.0.0.1/32", "192.0.2.0/24"]}}, True),
                                 ({"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, False),
                                 ({"Bool": {"aws:SecureTransport": "false"}}, True),
                                 ({"Bool": {"aws:SecureTransport": "true"}}, False)):
            with self.subTest(condition):
                self.allow_if("s3:GetObject", condition)
                if holds:
                    self.assertEqual(self.read(self.theirs), b"content")
                else:
                    self.denied(self.theirs.get_object, Key="key")

    def test_on_referer_and_agent(self):
        self.let_the_public_in()
        self.policy(self.statement("s3:GetObject", Condition={"StringLike": {"aws:Referer": "http://example.com/*",
                                                                              "aws:UserAgent": "browser*"}}))
        headers = {"Referer": "http://example.com/page", "User-Agent": "browser 1"}
        self.assertEqual(self.server.get(f"/{self.bucket}/key", headers), (200, "content"))
        for change in ({"Referer": "http://example.org/"}, {"User-Agent": "other"}, {"Referer": ""}):
            self.assertEqual(self.server.get(f"/{self.bucket}/key", {**headers, **change})[0], 403)

    def test_fill_variables(self):
        self.policy({**self.statement(["s3:PutObject"], {"AWS": OTHER}), "Resource": self.arn + "/home/${aws:username}/*"})
        self.theirs.put_object(Bucket=self.bucket, Key="home/otto/a", Body=b"a")
        self.denied(self.theirs.put_object, Key="home/anna/a", Body=b"a")


if __name__ == "__main__":
    unittest.main()
