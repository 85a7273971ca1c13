"""Users, their keys and sessions, as boto3 sees them."""
import email.utils
import tempfile
import unittest

from server import Config, Server, ServerTest, WireTest, make_administrator

from botocore.exceptions import ClientError

ACCOUNT = "000000000000"


def key_of(answer):
    return {"key": answer["AccessKeyId"], "secret": answer["SecretAccessKey"]}


class Users(ServerTest):
    def setUp(self):
        self.iam = self.client("iam")

    def tearDown(self):
        for user in self.iam.list_users()["Users"]:
            name = user["UserName"]
            for key in self.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
                self.iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
            for policy in self.iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]:
                self.iam.detach_user_policy(UserName=name, PolicyArn=policy["PolicyArn"])
            self.iam.delete_user(UserName=name)

    def test_a_user_is_made_and_found(self):
        made = self.iam.create_user(UserName="alice", Path="/staff/")["User"]
        self.assertEqual(made["Arn"], f"arn:aws:iam::{ACCOUNT}:user/staff/alice")
        self.assertRegex(made["UserId"], "^AIDA[A-Z2-7]{17}$")
        self.assertEqual(self.iam.get_user(UserName="alice")["User"], made)
        self.assertEqual(self.iam.list_users()["Users"], [made])

    def test_who_does_not_name_a_user_means_himself(self):
        self.assertEqual(self.iam.get_user()["User"]["Arn"], f"arn:aws:iam::{ACCOUNT}:root")
        mine = self.client("iam", **key_of(make_administrator(self.iam, "alice")))
        self.assertEqual(mine.get_user()["User"]["UserName"], "alice")
        self.assertEqual(mine.list_access_keys()["AccessKeyMetadata"][0]["UserName"], "alice")

    def test_mistakes_have_their_codes(self):
        self.iam.create_user(UserName="alice")
        self.iam.create_access_key(UserName="alice")
        for code, call, arguments in (
                ("EntityAlreadyExists", self.iam.create_user, {"UserName": "Alice"}),
                ("ValidationError", self.iam.create_user, {"UserName": "a b"}),
                ("InvalidInput", self.iam.create_user,
                 {"UserName": "b", "PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/x"}),
                ("NoSuchEntity", self.iam.get_user, {"UserName": "nobody"}),
                ("NoSuchEntity", self.iam.delete_user, {"UserName": "nobody"}),
                ("DeleteConflict", self.iam.delete_user, {"UserName": "alice"}),
                ("NoSuchEntity", self.iam.create_access_key, {"UserName": "nobody"}),
                ("NoSuchEntity", self.iam.list_access_keys, {"UserName": "nobody"}),
                ("NoSuchEntity", self.iam.delete_access_key, {"UserName": "alice", "AccessKeyId": "AKIA" + "A" * 16}),
                ("NoSuchEntity", self.iam.update_access_key,
                 {"UserName": "alice", "AccessKeyId": "AKIA" + "A" * 16, "Status": "Inactive"}),
                ("ValidationError", self.iam.list_users, {"Marker": "no such place"})):
            with self.subTest(code, **arguments):
                self.assert_code(code, call, **arguments)
        self.iam.create_access_key(UserName="alice")
        answer = self.assert_code("LimitExceeded", self.iam.create_access_key, UserName="alice")
        self.assertEqual(answer["Error"]["Message"], "Cannot exceed quota for AccessKeysPerUser: 2")

    def test_lists_come_in_pages(self):
        names = [f"user{number}" for number in range(7)]
        for name in names:
            self.iam.create_user(UserName=name, Path="/even/" if int(name[-1]) % 2 == 0 else "/")
        pages = self.iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 3})
        sizes = [len(page["Users"]) for page in pages]
        self.assertEqual(sizes, [3, 3, 1])
        even = self.iam.get_paginator("list_users").paginate(PathPrefix="/even/", PaginationConfig={"PageSize": 3})
        self.assertEqual([user["UserName"] for page in even for user in page["Users"]], names[::2])
        for _ in range(2):
            self.iam.create_access_key(UserName="user0")
        keys = self.iam.get_paginator("list_access_keys").paginate(UserName="user0", PaginationConfig={"PageSize": 1})
        self.assertEqual([len(page["AccessKeyMetadata"]) for page in keys], [1, 1])

    def test_what_is_not_carried_out_says_so(self):
        answer = self.assert_code("InvalidAction", self.iam.list_saml_providers)
        self.assertIn("not supported", answer["Error"]["Message"])


class Keys(ServerTest):
    flags = ("--enforced",)

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        # The first key of an enforced server comes from a local one, or from `sightline keys create`.
        with_anyone = Server(data=cls.folder.name)
        cls.root = key_of(with_anyone.client("iam").create_access_key()["AccessKey"])
        with_anyone.stop()
        cls.server = Server("--enforced", data=cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.folder.cleanup()

    def setUp(self):
        self.iam = self.client("iam", **self.root)

    def who(self, **key):
        return self.client("sts", **key).get_caller_identity()

    def test_an_issued_key_says_who_it_is(self):
        self.assertEqual(self.who(**self.root)["Arn"], f"arn:aws:iam::{ACCOUNT}:root")
        user = self.iam.create_user(UserName="who")["User"]
        answer = self.who(**key_of(self.iam.create_access_key(UserName="who")["AccessKey"]))
        self.assertEqual((answer["UserId"], answer["Account"], answer["Arn"]), (user["UserId"], ACCOUNT, user["Arn"]))

    def test_a_wrong_secret_and_an_unknown_key_are_refused(self):
        self.assert_code("SignatureDoesNotMatch", self.who, key=self.root["key"], secret="x" * 40)
        self.assert_code("InvalidClientTokenId", self.who, key="AKIA" + "A" * 16, secret=self.root["secret"])

    def test_a_disabled_key_is_refused_until_it_is_active_again(self):
        self.iam.create_user(UserName="sometimes")
        key = key_of(self.iam.create_access_key(UserName="sometimes")["AccessKey"])
        self.who(**key)
        change = {"UserName": "sometimes", "AccessKeyId": key["key"]}
        self.iam.update_access_key(Status="Inactive", **change)
        self.assert_code("InvalidClientTokenId", self.who, **key)
        self.assertEqual(self.iam.list_access_keys(UserName="sometimes")["AccessKeyMetadata"][0]["Status"], "Inactive")
        self.iam.update_access_key(Status="Active", **change)
        self.who(**key)
        self.iam.delete_access_key(**change)
        self.assert_code("InvalidClientTokenId", self.who, **key)

    def test_a_session_acts_for_who_made_it(self):
        self.iam.create_user(UserName="temporary")
        key = key_of(self.iam.create_access_key(UserName="temporary")["AccessKey"])
        credentials = self.client("sts", **key).get_session_token(DurationSeconds=900)["Credentials"]
        self.assertRegex(credentials["AccessKeyId"], "^ASIA")
        session = {**key_of(credentials), "aws_session_token": credentials["SessionToken"]}
        self.assertEqual(self.who(**session)["Arn"], f"arn:aws:iam::{ACCOUNT}:user/temporary")
        for token in (None, "x" * 192):
            self.assert_code("InvalidClientTokenId", self.who, **{**session, "aws_session_token": token})
        self.assert_code("AccessDenied", self.client("sts", **session).get_session_token)
        self.assert_code("AccessDenied", self.client("sts", **key).get_session_token, SerialNumber="arn:aws:iam::0:mfa/x",
                         TokenCode="123456")
        unchecked = self.client("sts", config=Config(parameter_validation=False), **key)
        self.assert_code("ValidationError", unchecked.get_session_token, DurationSeconds=899)

    def test_a_session_ends_with_its_key(self):
        self.iam.create_user(UserName="leaving")
        for end in ("deactivated", "deleted"):
            made = self.iam.create_access_key(UserName="leaving")["AccessKey"]
            credentials = self.client("sts", **key_of(made)).get_session_token()["Credentials"]
            session = {**key_of(credentials), "aws_session_token": credentials["SessionToken"]}
            self.who(**session)
            change = {"UserName": "leaving", "AccessKeyId": made["AccessKeyId"]}
            if end == "deactivated":
                self.iam.update_access_key(Status="Inactive", **change)
            else:
                self.iam.delete_access_key(**change)
            with self.subTest(end):
                self.assert_code("InvalidClientTokenId", self.who, **session)
                self.assert_code("UnrecognizedClientException", self.client("rekognition", **session).list_collections)
                self.assert_code("InvalidAccessKeyId", self.client("s3", **session).list_buckets)
            if end == "deactivated":
                self.iam.update_access_key(Status="Active", **change)
                self.assert_code("InvalidClientTokenId", self.who, **session)

    def test_a_session_lasts_as_long_as_it_may(self):
        for asked, lasts in (({}, 3600), ({"DurationSeconds": 900}, 900), ({"DurationSeconds": 129600}, 3600)):
            sts = self.client("sts", **self.root)
            answer = sts.get_session_token(**asked)
            expires = answer["Credentials"]["Expiration"].timestamp()
            date = answer["ResponseMetadata"]["HTTPHeaders"]["date"]
            now = email.utils.parsedate_to_datetime(date).timestamp()
            self.assertAlmostEqual(expires - now, lasts, delta=5)


class LocalKeys(WireTest):
    """A local server takes a stranger's key for the root's, and none that was issued there."""

    def test_a_key_that_was_taken_back_is_no_strangers(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        server = Server(data=folder.name)
        iam = server.client("iam")
        iam.create_user(UserName="former")
        deleted, disabled = (iam.create_access_key(UserName="former")["AccessKey"] for _ in range(2))
        session = server.client("sts", **key_of(deleted)).get_session_token()["Credentials"]
        iam.delete_access_key(UserName="former", AccessKeyId=deleted["AccessKeyId"])
        iam.update_access_key(UserName="former", AccessKeyId=disabled["AccessKeyId"], Status="Inactive")
        no_good = [key_of(deleted), key_of(disabled), {**key_of(session), "aws_session_token": session["SessionToken"]},
                   {"key": deleted["AccessKeyId"], "secret": "x" * 40}]
        for _ in range(2):
            for key in no_good:
                for code, service, operation in (("InvalidClientTokenId", "sts", "get_caller_identity"),
                                                 ("InvalidAccessKeyId", "s3", "list_buckets"),
                                                 ("InvalidClientTokenId", "iam", "list_users"),
                                                 ("UnrecognizedClientException", "rekognition", "list_collections")):
                    with self.subTest(service, key=key["key"]), self.assertRaises(ClientError) as caught:
                        getattr(server.client(service, **key), operation)()
                    self.assertEqual(caught.exception.response["Error"]["Code"], code)
            url = server.client("s3", **no_good[0]).generate_presigned_url("list_buckets")
            self.assertEqual(server.get(url.removeprefix(server.endpoint))[0], 403)
            stranger = server.client("sts", key="AKIA" + "A" * 16)
            self.assertEqual(stranger.get_caller_identity()["Arn"], f"arn:aws:iam::{ACCOUNT}:root")
            server.stop()
            server = Server(data=folder.name)
        server.stop()


if __name__ == "__main__":
    unittest.main()
