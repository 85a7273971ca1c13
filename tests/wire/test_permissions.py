"""What policies allow is done, and nothing else: users, groups, roles and their sessions, as boto3 sees them."""
import datetime
import json
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from server import PROGRAM, Config, Server, ServerTest, WireTest

from botocore.exceptions import ClientError

ACCOUNT = "000000000000"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions, resource="*", **more):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions, resource="*", **more):
    return {**allow(*actions, resource=resource, **more), "Effect": "Deny"}


def trust(principal, **more):
    return document({"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole", "sts:TagSession",
                                                                         "sts:SetSourceIdentity"], **more})


def key_of(answer):
    return {"key": answer["AccessKeyId"], "secret": answer["SecretAccessKey"]}


def session_of(answer):
    credentials = answer["Credentials"]
    return {**key_of(credentials), "aws_session_token": credentials["SessionToken"]}


class PermissionTest(ServerTest):
    """Each test makes what it needs; all of it has a name of the test's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.count = 0

    def setUp(self):
        type(self).count += 1
        self.tail = f"{type(self).__name__.lower()}{self.count}"
        self.iam = self.client("iam")  # a stranger's key: the root

    def make_user(self, *statements, name="user"):
        """The key of a new user who may do that."""
        name = f"{name}-{self.tail}"
        self.iam.create_user(UserName=name)
        if statements:
            self.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
        return name, key_of(self.iam.create_access_key(UserName=name)["AccessKey"])

    def make_role(self, trusted, *statements, name="role", **more):
        name = f"{name}-{self.tail}"
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted, **more)["Role"]
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        return role

    def make_bucket(self, name="bucket"):
        name = f"{name}-{self.tail}"
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="there", Body=b"there")
        return name

    def assume(self, key, role, **more):
        return self.client("sts", **key).assume_role(**{"RoleArn": role["Arn"], "RoleSessionName": "night", **more})

    def message(self, code, call, *arguments, **named):
        return self.assert_code(code, call, *arguments, **named)["Error"]["Message"]


class Users(PermissionTest):
    def test_a_user_without_policies_may_do_nothing(self):
        name, key = self.make_user()
        arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
        self.assertEqual(
            self.message("AccessDenied", self.client("s3", **key).list_buckets),
            f"User: {arn} is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows "
            "the s3:ListAllMyBuckets action")
        self.assertEqual(self.client("sts", **key).get_caller_identity()["Arn"], arn)
        self.client("s3").list_buckets()  # a stranger's key is the root's as ever

    def test_a_refusal_says_no_more_of_a_user_than_who_asked(self):
        victim = f"Victim-{self.tail}"
        self.iam.create_user(UserName=victim, Path="/secret/team/")
        name, key = self.make_user()
        iam = self.client("iam", **key)
        for asked in (victim.lower(), "nobody"):
            for action, call in (("GetUser", iam.get_user), ("ListAccessKeys", iam.list_access_keys),
                                 ("UpdateUser", iam.update_user)):
                self.assertEqual(
                    self.message("AccessDenied", call, UserName=asked),
                    f"User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: iam:{action} on resource: "
                    f"user {asked} because no identity-based policy allows the iam:{action} action")

    def test_a_user_may_read_one_bucket(self):
        mine, other = self.make_bucket("mine"), self.make_bucket("other")
        name, key = self.make_user(allow("s3:GetObject", resource=f"arn:aws:s3:::{mine}/*"),
                                   allow("s3:ListBucket", resource=f"arn:aws:s3:::{mine}"))
        s3 = self.client("s3", **key)
        self.assertEqual(s3.get_object(Bucket=mine, Key="there")["Body"].read(), b"there")
        self.assertEqual(len(s3.list_objects_v2(Bucket=mine)["Contents"]), 1)
        self.assert_code("NoSuchKey", s3.get_object, Bucket=mine, Key="missing")
        answer = self.assert_code("AccessDenied", s3.put_object, Bucket=mine, Key="new", Body=b"")
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 403)
        self.assertEqual(
            answer["Error"]["Message"],
            f'User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: s3:PutObject on resource: '
            f'"arn:aws:s3:::{mine}/new" because no identity-based policy allows the s3:PutObject action')
        self.assert_code("AccessDenied", s3.get_object, Bucket=other, Key="there")
        self.assert_code("AccessDenied", s3.list_objects_v2, Bucket=other)

    def test_whether_a_key_is_there_is_for_those_who_may_list(self):
        bucket = self.make_bucket()
        _, key = self.make_user(allow("s3:GetObject"))
        s3 = self.client("s3", **key)
        s3.get_object(Bucket=bucket, Key="there")
        self.assertIn("not authorized to perform: s3:ListBucket",
                      self.message("AccessDenied", s3.get_object, Bucket=bucket, Key="missing"))
        self.assert_code("403", s3.head_object, Bucket=bucket, Key="missing")

    def test_each_service_denies_in_its_own_words(self):
        name, key = self.make_user(deny("rekognition:CompareFaces"))
        who = f"User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: "
        answer = self.assert_code("AccessDeniedException", self.client("rekognition", **key).list_collections)
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 400)
        self.assertEqual(answer["Error"]["Message"], who + "rekognition:ListCollections because no identity-based "
                                                           "policy allows the rekognition:ListCollections action")
        self.assertEqual(
            self.message("AccessDeniedException", self.client("rekognition", **key).compare_faces,
                         SourceImage={"Bytes": b"x"}, TargetImage={"Bytes": b"x"}),
            who + "rekognition:CompareFaces with an explicit deny in an identity-based policy")
        queue = self.client("sqs").create_queue(QueueName=self.tail)["QueueUrl"]
        self.assertEqual(
            self.message("AccessDenied", self.client("sqs", **key).send_message, QueueUrl=queue, MessageBody="x"),
            who + f"sqs:sendmessage on resource: arn:aws:sqs:us-east-1:{ACCOUNT}:{self.tail} because no "
                  "identity-based policy allows the sqs:sendmessage action")
        self.assertEqual(
            self.message("AccessDenied", self.client("iam", **key).list_users),
            who + f"iam:ListUsers on resource: arn:aws:iam::{ACCOUNT}:user/ because no identity-based policy allows "
                  "the iam:ListUsers action")

    def test_rekognition_reads_what_the_caller_may_read(self):
        bucket = self.make_bucket()
        _, key = self.make_user(allow("rekognition:*"))
        detect = self.client("rekognition", **key).detect_faces
        self.assert_code("InvalidS3ObjectException", detect, Image={"S3Object": {"Bucket": bucket, "Name": "there"}})
        _, key = self.make_user(allow("rekognition:*", "s3:GetObject"), name="reader")
        detect = self.client("rekognition", **key).detect_faces
        self.assert_code("InvalidImageFormatException", detect, Image={"S3Object": {"Bucket": bucket, "Name": "there"}})

    def test_a_denial_comes_before_what_is_allowed(self):
        bucket = self.make_bucket()
        name, key = self.make_user(allow("s3:*"), deny("s3:DeleteObject"))
        self.client("s3", **key).put_object(Bucket=bucket, Key="new", Body=b"")
        self.assertIn("with an explicit deny in an identity-based policy",
                      self.message("AccessDenied", self.client("s3", **key).delete_object, Bucket=bucket, Key="new"))

    def test_groups_give_what_their_policies_allow(self):
        bucket = self.make_bucket()
        name, key = self.make_user()
        group = f"group-{self.tail}"
        self.iam.create_group(GroupName=group)
        self.iam.put_group_policy(GroupName=group, PolicyName="g", PolicyDocument=document(allow("s3:GetObject")))
        s3 = self.client("s3", **key)
        self.assert_code("AccessDenied", s3.get_object, Bucket=bucket, Key="there")
        self.iam.add_user_to_group(GroupName=group, UserName=name)
        s3.get_object(Bucket=bucket, Key="there")
        self.iam.remove_user_from_group(GroupName=group, UserName=name)
        self.assert_code("AccessDenied", s3.get_object, Bucket=bucket, Key="there")

    def test_conditions_see_the_request_and_the_user(self):
        bucket = self.make_bucket()
        self.client("s3").put_object(Bucket=bucket, Key=f"home/user-{self.tail}/x", Body=b"")
        name, key = self.make_user(
            allow("s3:ListBucket", Condition={"StringLike": {"s3:prefix": "home/${aws:username}/*"}}),
            allow("s3:GetObject", resource="arn:aws:s3:::*/${aws:PrincipalTag/team}"))
        s3 = self.client("s3", **key)
        s3.list_objects_v2(Bucket=bucket, Prefix=f"home/{name}/")
        self.assert_code("AccessDenied", s3.list_objects_v2, Bucket=bucket)
        self.assert_code("AccessDenied", s3.list_objects_v2, Bucket=bucket, Prefix="home/other/")
        self.assert_code("AccessDenied", s3.get_object, Bucket=bucket, Key="there")
        self.iam.tag_user(UserName=name, Tags=[{"Key": "team", "Value": "there"}])
        s3.get_object(Bucket=bucket, Key="there")

    def test_a_session_of_a_user_may_what_the_user_may(self):
        bucket = self.make_bucket()
        name, key = self.make_user(allow("s3:GetObject"))
        session = session_of(self.client("sts", **key).get_session_token())
        self.client("s3", **session).get_object(Bucket=bucket, Key="there")
        self.assert_code("AccessDenied", self.client("s3", **session).list_buckets)
        self.iam.delete_user_policy(UserName=name, PolicyName="own")
        self.assert_code("AccessDenied", self.client("s3", **session).get_object, Bucket=bucket, Key="there")

    def test_a_session_of_a_user_or_the_root_does_nothing_of_iam(self):
        name, key = self.make_user(allow("*"))
        for keys in (key, {}):
            session = session_of(self.client("sts", **keys).get_session_token())
            iam = self.client("iam", **session)
            self.assertEqual(self.message("InvalidClientTokenId", iam.create_access_key, UserName=name),
                             "The security token included in the request is invalid")
            for call in (iam.get_user, iam.list_users, iam.list_roles, iam.list_groups, iam.list_policies,
                         iam.get_account_authorization_details):
                self.assert_code("InvalidClientTokenId", call)
            self.client("s3", **session).list_buckets()

    def test_managed_policies_change_with_their_default_version(self):
        name, key = self.make_user()
        arn = self.iam.create_policy(PolicyName=f"p-{self.tail}", PolicyDocument=document(
            allow("s3:ListAllMyBuckets")))["Policy"]["Arn"]
        self.iam.attach_user_policy(UserName=name, PolicyArn=arn)
        s3, iam = self.client("s3", **key), self.client("iam", **key)
        s3.list_buckets()
        version = self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("iam:ListUsers")))
        s3.list_buckets()
        self.iam.set_default_policy_version(PolicyArn=arn, VersionId=version["PolicyVersion"]["VersionId"])
        self.assert_code("AccessDenied", s3.list_buckets)
        iam.list_users()
        self.iam.detach_user_policy(UserName=name, PolicyArn=arn)
        self.assert_code("AccessDenied", iam.list_users)
        self.iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
        s3.list_buckets()


class Roles(PermissionTest):
    def test_a_role_may_write_another_bucket(self):
        bucket = self.make_bucket()
        name, key = self.make_user(allow("sts:AssumeRole"))
        role = self.make_role(trust({"AWS": ACCOUNT}), allow("s3:PutObject", resource=f"arn:aws:s3:::{bucket}/*"))
        answer = self.assume(key, role)
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role['RoleName']}/night"
        self.assertEqual(answer["AssumedRoleUser"], {"Arn": arn, "AssumedRoleId": f"{role['RoleId']}:night"})
        session = session_of(answer)
        who = self.client("sts", **session).get_caller_identity()
        self.assertEqual((who["Arn"], who["UserId"], who["Account"]), (arn, f"{role['RoleId']}:night", ACCOUNT))
        self.client("s3", **session).put_object(Bucket=bucket, Key="new", Body=b"")
        self.assertEqual(
            self.message("AccessDenied", self.client("s3", **session).get_object, Bucket=bucket, Key="new"),
            f'User: {arn} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::{bucket}/new" because '
            "no identity-based policy allows the s3:GetObject action")
        self.assert_code("AccessDenied", self.client("sts", **session).get_session_token)

    def test_a_role_is_assumed_by_whom_it_trusts(self):
        name, key = self.make_user()
        _, other = self.make_user(name="other")
        role = self.make_role(trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/{name}"}))
        self.assume(key, role)  # named itself, the user needs no policy
        self.assertEqual(
            self.message("AccessDenied", self.assume, other, role),
            f"User: arn:aws:iam::{ACCOUNT}:user/other-{self.tail} is not authorized to perform: sts:AssumeRole on "
            f"resource: {role['Arn']}")
        missing = {"Arn": f"arn:aws:iam::{ACCOUNT}:role/missing"}
        self.assert_code("AccessDenied", self.assume, key, missing)
        self.iam.put_user_policy(UserName=f"other-{self.tail}", PolicyName="own",
                                 PolicyDocument=document(allow("*")))
        self.assert_code("AccessDenied", self.assume, other, role)  # not even an administrator
        self.assertEqual(self.message("AccessDenied", self.assume, {}, role),
                         "Roles may not be assumed by root accounts.")
        self.iam.update_assume_role_policy(RoleName=role["RoleName"], PolicyDocument=trust({"AWS": ACCOUNT}))
        self.assume(other, role)
        self.assert_code("AccessDenied", self.assume, key, role)  # the account alone is trusted: a policy must share it

    def test_who_comes_back_under_a_trusted_name_is_not_trusted(self):
        name, _ = self.make_user()
        user = self.iam.get_user(UserName=name)["User"]
        role = self.make_role(trust({"AWS": user["Arn"]}).replace("user/", "user\\/"))
        for key in self.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            self.iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        self.iam.delete_user(UserName=name)
        _, key = self.make_user(allow("*"))
        self.assert_code("AccessDenied", self.assume, key, role)
        kept = self.iam.get_role(RoleName=role["RoleName"])["Role"]["AssumeRolePolicyDocument"]
        self.assertEqual(kept["Statement"][0]["Principal"], {"AWS": user["UserId"]})

    def test_services_roles_are_not_for_users(self):
        _, key = self.make_user(allow("*"))
        role = self.make_role(trust({"Service": "lambda.amazonaws.com"}))
        self.assert_code("AccessDenied", self.assume, key, role)

    def test_an_external_id_and_a_source_identity_are_conditions(self):
        _, key = self.make_user(allow("sts:*"))
        role = self.make_role(trust({"AWS": ACCOUNT}, Condition={"StringEquals": {"sts:ExternalId": "secret-7"}}))
        self.assume(key, role, ExternalId="secret-7")
        self.assert_code("AccessDenied", self.assume, key, role)
        self.assert_code("AccessDenied", self.assume, key, role, ExternalId="secret-8")
        named = self.make_role(trust({"AWS": ACCOUNT}, Condition={"StringLike": {"sts:SourceIdentity": "b*"}}),
                               allow("sts:*"), name="named")
        answer = self.assume(key, named, SourceIdentity="bob")
        self.assertEqual(answer["SourceIdentity"], "bob")
        self.assert_code("AccessDenied", self.assume, key, named, SourceIdentity="alice")
        # It goes on, and cannot be changed.
        again = self.assume(session_of(answer), named, SourceIdentity="bill")
        self.assertEqual(again["SourceIdentity"], "bob")

    def test_a_session_policy_narrows(self):
        bucket = self.make_bucket()
        _, key = self.make_user(allow("sts:AssumeRole"))
        role = self.make_role(trust({"AWS": ACCOUNT}), allow("s3:*"))
        narrow = session_of(self.assume(key, role, Policy=document(allow("s3:GetObject", "sqs:*"))))
        s3 = self.client("s3", **narrow)
        s3.get_object(Bucket=bucket, Key="there")
        self.assertIn("because no session policy allows the s3:PutObject action",
                      self.message("AccessDenied", s3.put_object, Bucket=bucket, Key="x", Body=b""))
        self.assert_code("AccessDenied", self.client("sqs", **narrow).create_queue, QueueName="x")
        named = session_of(self.assume(key, role, PolicyArns=[
            {"arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}]))
        self.client("s3", **named).get_object(Bucket=bucket, Key="there")
        self.assert_code("AccessDenied", self.client("s3", **named).put_object, Bucket=bucket, Key="x", Body=b"")
        self.assert_code("MalformedPolicyDocument", self.assume, key, role, Policy="{")
        self.assert_code("PackedPolicyTooLarge", self.assume, key, role, Policy=document(
            allow(resource=["arn:aws:s3:::" + "b" * 500 + str(i) for i in range(5)], *("s3:*",))))
        self.assert_code("ValidationError", self.assume, key, role, PolicyArns=[
            {"arn": f"arn:aws:iam::{ACCOUNT}:policy/missing"}])

    def test_a_session_has_tags(self):
        bucket = self.make_bucket()
        _, key = self.make_user(allow("sts:*"))
        role = self.make_role(trust({"AWS": ACCOUNT}),
                              allow("s3:GetObject", resource="arn:aws:s3:::*/${aws:PrincipalTag/key}"), allow("sts:*"),
                              Tags=[{"Key": "key", "Value": "nothing"}])
        plain = session_of(self.assume(key, role))
        self.assert_code("AccessDenied", self.client("s3", **plain).get_object, Bucket=bucket, Key="there")
        tags = [{"Key": "key", "Value": "there"}]
        tagged = session_of(self.assume(key, role, Tags=tags, TransitiveTagKeys=["key"]))
        self.client("s3", **tagged).get_object(Bucket=bucket, Key="there")
        self.client("s3", **session_of(self.assume(tagged, role))).get_object(Bucket=bucket, Key="there")
        loose = session_of(self.assume(key, role, Tags=tags))
        onward = session_of(self.assume(loose, role))
        self.assert_code("AccessDenied", self.client("s3", **onward).get_object, Bucket=bucket, Key="there")

    def test_a_session_lasts_as_long_as_the_role_lets_it(self):
        _, key = self.make_user(allow("sts:*"))
        role = self.make_role(trust({"AWS": ACCOUNT}), allow("sts:*"), MaxSessionDuration=7200)
        self.assume(key, role, DurationSeconds=7200)
        self.assertEqual(self.message("ValidationError", self.assume, key, role, DurationSeconds=7201),
                         "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
        chained = session_of(self.assume(key, role))
        self.assert_code("ValidationError", self.assume, chained, role, DurationSeconds=3601)
        unchecked = Config(parameter_validation=False)
        sts = self.client("sts", config=unchecked, **key)
        for seconds in (899, 43201):
            self.assert_code("ValidationError", sts.assume_role, RoleArn=role["Arn"], RoleSessionName="night",
                             DurationSeconds=seconds)

    def test_sessions_from_before_a_time_can_be_denied(self):
        _, key = self.make_user(allow("sts:AssumeRole"))
        role = self.make_role(trust({"AWS": ACCOUNT}), allow("s3:ListAllMyBuckets"))
        old = session_of(self.assume(key, role))
        self.client("s3", **old).list_buckets()
        time.sleep(0.01)
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.iam.put_role_policy(RoleName=role["RoleName"], PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(
            deny("*", Condition={"DateLessThan": {"aws:TokenIssueTime": now}})))
        self.assert_code("AccessDenied", self.client("s3", **old).list_buckets)
        self.client("s3", **session_of(self.assume(key, role))).list_buckets()

    def test_a_session_ends_with_its_role(self):
        _, key = self.make_user(allow("sts:*"))
        role = self.make_role(trust({"AWS": ACCOUNT}), allow("s3:*"))
        session = session_of(self.assume(key, role))
        self.client("s3", **session).list_buckets()
        self.iam.delete_role_policy(RoleName=role["RoleName"], PolicyName="own")
        self.assert_code("AccessDenied", self.client("s3", **session).list_buckets)
        self.iam.delete_role(RoleName=role["RoleName"])
        self.assert_code("InvalidAccessKeyId", self.client("s3", **session).list_buckets)
        self.assert_code("InvalidClientTokenId", self.client("sts", **session).get_caller_identity)
        # Another role of that name is another one.
        self.make_role(trust({"AWS": ACCOUNT}), allow("s3:*"))
        self.assert_code("InvalidAccessKeyId", self.client("s3", **session).list_buckets)


class Audit(WireTest):
    """A server whose policies refuse nothing, and say what they would."""

    def test_it_lets_pass_and_says_what_it_would_refuse(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        log = Path(folder.name, "log")
        server = Server("--permissions", "audit", log=log)
        iam = server.client("iam")
        server.client("s3").create_bucket(Bucket="kept")
        iam.create_user(UserName="reader")
        s3 = server.client("s3", **key_of(iam.create_access_key(UserName="reader")["AccessKey"]))
        for _ in range(2):
            s3.put_object(Bucket="kept", Key="new", Body=b"")
        self.assertIn("sightline_audited_refusals_total 2", server.get("/metrics")[1])
        server.stop()
        lines = [line for line in log.read_text().splitlines() if "audit:" in line]
        self.assertEqual(len(lines), 1)
        self.assertIn(f"arn:aws:iam::{ACCOUNT}:user/reader would be refused s3:PutObject on arn:aws:s3:::kept/new because "
                      "no identity-based policy allows the s3:PutObject action; this would allow it: identity-based policy: "
                      '{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::kept/new"}', lines[0])


class Explained(PermissionTest):
    """`sightline explain`: which statement is missing."""

    def explain(self, *arguments, status=0):
        ran = subprocess.run([PROGRAM, "explain", *arguments, "--endpoint", self.server.endpoint], capture_output=True,
                             encoding="utf-8", env={**os.environ, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}, check=False)
        self.assertEqual(ran.returncode, status, ran.stderr)
        return ran.stdout + ran.stderr

    def test_a_denial_is_explained(self):
        self.client("s3").create_bucket(Bucket="explained")
        name, _ = self.make_user(allow("s3:ListBucket", resource="arn:aws:s3:::explained", Condition={
            "StringLike": {"s3:prefix": "home/*"}}), deny("s3:DeleteObject"))
        denied = self.explain("s3:ListBucket", "arn:aws:s3:::explained", "--as", name)
        self.assertIn(f"denied: User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: s3:ListBucket", denied)
        self.assertIn("StringLike of s3:prefix does not hold: it wants home/*, the request has none", denied)
        self.assertIn('identity-based policy: {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::explained"}',
                      denied)
        self.assertTrue(self.explain("s3:ListBucket", "arn:aws:s3:::explained", "--as", name, "--with",
                                     "s3:prefix=home/x").startswith("allowed\n"))
        self.assertNotIn("missing", self.explain("s3:DeleteObject", "arn:aws:s3:::explained/k", "--as", name))
        self.assertIn("no user 'nobody'", self.explain("s3:GetObject", "--as", "nobody", status=2))
        role = self.make_role(trust({"AWS": ACCOUNT}), allow("sqs:*"))
        self.assertTrue(self.explain("sqs:SendMessage", "--as", role["Arn"]).startswith("allowed"))
        self.assertIn("policy: ", self.explain("sts:AssumeRole", role["Arn"], "--as", name))
        # What is missing helps.
        statement = denied.split("identity-based policy: ")[1].strip()
        self.iam.put_user_policy(UserName=name, PolicyName="more", PolicyDocument=document(json.loads(statement)))
        self.assertTrue(self.explain("s3:ListBucket", "arn:aws:s3:::explained", "--as", name).startswith("allowed"))

    def test_it_is_for_those_who_may(self):
        _, key = self.make_user(allow("s3:*"))
        ran = subprocess.run([PROGRAM, "explain", "s3:GetObject", "--endpoint", self.server.endpoint], capture_output=True,
                             encoding="utf-8", check=False, env={**os.environ, "AWS_ACCESS_KEY_ID": key["key"],
                                                                 "AWS_SECRET_ACCESS_KEY": key["secret"]})
        self.assertIn("sightline:ExplainAccess", ran.stderr)


class Lasting(WireTest):
    """What is known after a restart; and of a server that takes none but issued keys."""

    def test_a_restart_and_an_enforced_server_know_it_all(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        server = Server(data=folder.name)
        iam = server.client("iam")
        server.client("s3").create_bucket(Bucket="kept")
        iam.create_user(UserName="reader")
        iam.put_user_policy(UserName="reader", PolicyName="own", PolicyDocument=document(
            allow("s3:ListBucket", "sts:AssumeRole")))
        iam.create_role(RoleName="writer", AssumeRolePolicyDocument=trust({"AWS": ACCOUNT}))
        iam.put_role_policy(RoleName="writer", PolicyName="own", PolicyDocument=document(allow("s3:*")))
        key = key_of(iam.create_access_key(UserName="reader")["AccessKey"])
        session = session_of(server.client("sts", **key).assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/writer", RoleSessionName="night",
            Policy=document(allow("s3:PutObject"))))
        for flags in ((), ("--enforced",)):
            server.stop()
            server = Server(*flags, data=folder.name)
            reader, writer = server.client("s3", **key), server.client("s3", **session)
            reader.list_objects_v2(Bucket="kept")
            writer.put_object(Bucket="kept", Key="new", Body=b"")
            for call, more in ((reader.put_object, {"Key": "x", "Body": b""}), (writer.get_object, {"Key": "new"})):
                with self.assertRaises(ClientError) as caught:
                    call(Bucket="kept", **more)
                self.assertEqual(caught.exception.response["Error"]["Code"], "AccessDenied")
        server.stop()


if __name__ == "__main__":
    unittest.main()
