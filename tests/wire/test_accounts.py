"""Two accounts on one server: what the one knows of the other, and may do with its roles and buckets."""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from server import PROGRAM, Config, Server, ServerTest
from test_bucket_policies import EVERYTHING, OTHER, OWNER, make_key
from test_permissions import allow, document, session_of, trust

from botocore import UNSIGNED


class Audit(ServerTest):
    """`--permissions audit` opens nothing to strangers."""

    def test_it_keeps_out_the_anonymous_other_accounts_and_whom_no_role_trusts(self):
        with tempfile.TemporaryDirectory() as folder:
            root, user, other = (make_key(folder, OWNER), make_key(folder, OWNER, "--user", "anna"),
                                 make_key(folder, OTHER, "--user", "otto", *EVERYTHING))
            server = Server("--enforced", "--permissions", "audit", data=folder)
            server.client("s3", **root).create_bucket(Bucket="kept")
            role = server.client("iam", **root).create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({
                "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
                                                       "Principal": {"Service": "lambda.amazonaws.com"}}}))["Role"]
            server.client("s3", **user).put_object(Bucket="kept", Key="key", Body=b"")  # what audit is for
            anonymous = server.client("s3", config=Config(signature_version=UNSIGNED))
            for s3 in (anonymous, server.client("s3", **other)):
                self.assert_code("AccessDenied", s3.list_objects_v2, Bucket="kept")
                for call in (s3.get_object, s3.put_object, s3.delete_object):
                    self.assert_code("AccessDenied", call, Bucket="kept", Key="key")
            for key in (user, other):
                self.assert_code("AccessDenied", server.client("sts", **key).assume_role, RoleArn=role["Arn"],
                                 RoleSessionName="night")
            server.stop()


class AcrossAccounts(ServerTest):
    """The user of another account; each test has a role and a bucket of the first one's."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        data = Path(cls.folder.name, "data")
        cls.root, cls.other = make_key(data, OWNER), make_key(data, OTHER, "--user", "otto", *EVERYTHING)
        cls.server = Server("--enforced", data=data)
        cls.iam, cls.s3 = cls.server.client("iam", **cls.root), cls.server.client("s3", **cls.root)
        cls.s3.create_bucket(Bucket="theirs")

    def make_role(self, name, trusted, **more):
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted, **more)["Role"]
        self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(allow("s3:ListBucket")))
        return role["Arn"]

    def assume(self, arn, **more):
        return self.client("sts", **self.other).assume_role(RoleArn=arn, RoleSessionName="night", **more)

    def explain(self, *arguments):
        ran = subprocess.run([PROGRAM, "explain", *arguments, "--endpoint", self.server.endpoint], capture_output=True,
                             encoding="utf-8", check=True, env={**os.environ, "AWS_ACCESS_KEY_ID": self.other["key"],
                                                                "AWS_SECRET_ACCESS_KEY": self.other["secret"]})
        return ran.stdout

    def test_a_role_is_assumed_from_another_account_that_it_trusts(self):
        arn = self.make_role("visited", trust({"AWS": OTHER}, Condition={"StringEquals": {"sts:ExternalId": "agreed"}}))
        self.assert_code("AccessDenied", self.assume, arn)
        self.assert_code("AccessDenied", self.assume, arn, ExternalId="guessed")
        answer = self.assume(arn, ExternalId="agreed")
        session = session_of(answer)
        self.assertEqual(answer["AssumedRoleUser"]["Arn"], f"arn:aws:sts::{OWNER}:assumed-role/visited/night")
        self.assertEqual(self.client("sts", **session).get_caller_identity()["Account"], OWNER)
        self.client("s3", **session).list_objects_v2(Bucket="theirs")
        self.assert_code("AccessDenied", self.client("s3", **session).put_object, Bucket="theirs", Key="k", Body=b"")
        # The user itself is as foreign as before.
        self.assert_code("AccessDenied", self.client("s3", **self.other).list_objects_v2, Bucket="theirs")

    def test_an_explanation_says_nothing_of_the_others_policies(self):
        arn = self.make_role("secret", trust({"AWS": OTHER}, Condition={"StringEquals": {"sts:ExternalId": "agreed"}}))
        denied = self.explain("sts:AssumeRole", arn)
        self.assertTrue(denied.startswith("denied: "), denied)
        self.assertNotIn("agreed", denied)
        self.assertNotIn("ExternalId", denied)
        allowed = self.explain("sts:AssumeRole", arn, "--with", "sts:ExternalId=agreed")
        self.assertTrue(allowed.startswith("allowed"), allowed)
        self.assertNotIn("ExternalId", allowed)
        self.s3.put_bucket_policy(Bucket="theirs", Policy=document({
            "Sid": "Hidden", "Effect": "Deny", "Principal": {"AWS": OTHER}, "Action": "s3:*", "Resource": "arn:aws:s3:::theirs"}))
        denied = self.explain("s3:ListBucket", "arn:aws:s3:::theirs")
        self.assertNotIn("Hidden", denied)
        self.assertNotIn("explicit", denied)
        self.s3.delete_bucket_policy(Bucket="theirs")

    def test_a_bucket_that_is_not_there_is_not_allowed(self):
        self.assertIn("denied: The specified bucket does not exist", self.explain("s3:ListBucket", "arn:aws:s3:::absent"))


if __name__ == "__main__":
    unittest.main()
