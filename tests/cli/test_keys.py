"""sightline keys: on a folder that no server has, and beside one that runs."""
import base64
import json
import os
import signal
import stat
import subprocess
import sys
import time
import unittest
import unittest.mock

from support import CACHE, PROGRAM, CliTest

sys.path.insert(0, str(CACHE / "botocore"))

import boto3  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402


class Keys(CliTest):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"

    def keys(self, action, *more, status=0):
        """What it says on standard output and on standard error."""
        out, errors = self.run_program("keys", action, "--data", self.data, *more, status=status)
        return out.decode(), errors

    def create(self, *more):
        return json.loads(self.keys("create", "--json", *more)[0])

    def listed(self):
        return json.loads(self.keys("list", "--json")[0])

    def test_a_key_is_made_listed_disabled_and_deleted(self):
        made = self.create()
        self.assertRegex(made["access_key_id"], "^AKIA[A-Z2-7]{16}$")
        self.assertEqual(len(made["secret_access_key"]), 40)
        self.assertEqual(made["arn"], "arn:aws:iam::000000000000:root")
        self.assertEqual(stat.S_IMODE(os.stat(self.data).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.stat(self.data / "identity.db").st_mode), 0o600)
        (key,) = self.listed()
        self.assertEqual((key["access_key_id"], key["user"], key["active"]), (made["access_key_id"], None, True))
        self.assertAlmostEqual(key["created"], time.time(), delta=10)
        self.assertIn("is disabled", self.keys("disable", made["access_key_id"])[0])
        self.assertFalse(self.listed()[0]["active"])
        self.assertNotIn(made["secret_access_key"], self.keys("list")[0])
        self.keys("delete", made["access_key_id"])
        self.assertEqual(self.listed(), [])

    def test_secrets_are_sealed_with_a_key_beside_them_or_from_elsewhere(self):
        secret = self.create()["secret_access_key"].encode()
        own = self.data / "sightline-key"
        self.assertEqual(stat.S_IMODE(os.stat(own).st_mode), 0o600)
        key = self.folder / "key"
        key.write_text("elsewhere " + base64.b64encode(bytes(range(32))).decode() + "\n")
        key.chmod(0o644)
        self.assertIn("chmod 600", self.keys("list", "--key-file", key, status=6)[1])
        key.chmod(0o600)
        self.keys("list", "--key-file", key)
        own.unlink()
        self.keys("list", "--key-file", key)
        self.assertFalse(own.exists())
        for file in self.data.iterdir():
            self.assertNotIn(secret, file.read_bytes(), file)
        self.assertIn("'elsewhere'", self.keys("list", status=7)[1])

    def test_a_shell_can_take_the_key(self):
        out, errors = self.keys("create", "--user", "alice")
        lines = out.splitlines()
        self.assertRegex(lines[0], "^export AWS_ACCESS_KEY_ID=AKIA")
        self.assertRegex(lines[1], "^export AWS_SECRET_ACCESS_KEY=.{40}$")
        self.assertIn("no server runs", errors)
        self.assertIn("alice may do nothing yet", errors)
        self.assertIn("alice", self.keys("list")[0])

    def test_a_user_may_do_what_is_said(self):
        self.assertNotIn("may do nothing", self.keys("create", "--user", "alice", "--policy", "AmazonS3ReadOnlyAccess",
                                                     "--policy", "arn:aws:iam::aws:policy/service-role/AWSLambdaRole")[1])
        self.assertIn("no managed policy 'Everything'",
                      self.keys("create", "--user", "bob", "--policy", "Everything", status=5)[1])
        self.assertIn("--user", self.keys("create", "--policy", "AdministratorAccess", status=2)[1])
        self.assertEqual([key["user"] for key in self.listed()], ["alice"])

    def test_a_policy_is_not_given_to_keys_of_before_by_the_way(self):
        older = self.create("--user", "deploy")["access_key_id"]
        refused = self.keys("create", "--user", "Deploy", "--policy", "AdministratorAccess", status=6)[1]
        self.assertIn(older, refused)
        self.assertIn("deploy may do nothing", self.keys("create", "--user", "deploy")[1])
        self.keys("delete", older)
        refused = self.keys("create", "--user", "deploy", "--policy", "AdministratorAccess", status=6)[1]
        self.assertNotIn(older, refused)
        (second,) = self.listed()
        self.keys("delete", second["access_key_id"])
        administrator = ("--user", "deploy", "--policy", "AdministratorAccess")
        self.assertIn("arn:aws:iam::aws:policy/AdministratorAccess", self.keys("create", *administrator)[1])
        self.keys("create", *administrator)  # says nothing new: a second key, to change them in turn
        self.keys("delete", self.listed()[0]["access_key_id"])
        self.keys("create", "--user", "deploy", "--policy", "AmazonSQSFullAccess", status=6)
        self.keys("create", "--user", "deploy", "--policy", "AmazonSQSFullAccess", "--also-for-older-keys")

    def test_a_user_is_made_once(self):
        first = self.create("--user", "alice")
        second = self.create("--user", "Alice")
        self.assertEqual(first["arn"], second["arn"])
        self.assertIn("delete one first", self.keys("create", "--user", "alice", status=5)[1])

    def test_what_is_wrong_is_told(self):
        self.assertEqual(self.listed(), [])
        self.assertFalse(self.data.exists(), "a list makes nothing")
        self.assertIn("keys list", self.keys("disable", "AKIA" + "A" * 16, status=5)[1])
        self.create()
        for action in ("disable", "delete"):
            self.assertIn("AKIAAAAA", self.keys(action, "AKIA" + "A" * 16, status=5)[1])
        self.assertIn("12 digits", self.keys("create", "--account", "12", status=2)[1])
        self.assertIn("name", self.keys("create", "--user", "a b", status=2)[1])
        self.run_program("keys", status=2)

    def test_help_has_examples(self):
        self.assertIn("sightline keys create", self.run_program("keys", "--help")[0].decode())


class BesideAServer(CliTest):
    def serve(self, *before):
        process = subprocess.Popen([*before, PROGRAM, "serve", "--listen", "127.0.0.1:0", "--enforced", "--json", "--data",
                                    self.folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8")
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        return process

    def test_the_server_knows_at_once(self):
        # As a shell starts it that lets it outlive the terminal: SIGHUP is ignored.
        for before in ((), ("nohup",)):
            with self.subTest(before=before):
                process = self.serve(*before)
                endpoint = json.loads(process.stdout.readline())["endpoint"]

                def make(*more):
                    out, errors = self.run_program("keys", *more, "--data", self.folder, "--json")
                    self.assertIn(str(process.pid), errors)
                    return json.loads(out)

                made = make("create", "--user", "alice", "--policy", "AmazonS3ReadOnlyAccess")
                sts = boto3.client("sts", endpoint_url=endpoint, region_name="us-east-1",
                                   aws_access_key_id=made["access_key_id"],
                                   aws_secret_access_key=made["secret_access_key"])

                def soon(expected):
                    deadline = time.monotonic() + 5
                    code = None
                    while code != expected and time.monotonic() < deadline:
                        try:
                            sts.get_caller_identity()
                            code = "none"
                        except ClientError as error:
                            code = error.response["Error"]["Code"]
                    self.assertEqual(code, expected)

                soon("none")
                boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=made["access_key_id"],
                             aws_secret_access_key=made["secret_access_key"]).list_buckets()
                make("disable", made["access_key_id"])
                soon("InvalidClientTokenId")
                make("delete", made["access_key_id"])
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(30), 0)

    def test_both_take_the_key_that_the_service_manager_gives(self):
        credentials = self.folder / "credentials"
        credentials.mkdir()
        (credentials / "sightline-key").write_text("given " + base64.b64encode(bytes(32)).decode() + "\n")
        (credentials / "sightline-key").chmod(0o400)
        with unittest.mock.patch.dict(os.environ, CREDENTIALS_DIRECTORY=str(credentials)):
            endpoint = json.loads(self.serve().stdout.readline())["endpoint"]
            made = json.loads(self.run_program("keys", "create", "--data", self.folder, "--json")[0])
        self.assertFalse((self.folder / "sightline-key").exists())
        sts = boto3.client("sts", endpoint_url=endpoint, region_name="us-east-1",
                           aws_access_key_id=made["access_key_id"], aws_secret_access_key=made["secret_access_key"])
        deadline = time.monotonic() + 5
        while True:
            try:
                return self.assertEqual(sts.get_caller_identity()["Arn"], made["arn"])
            except ClientError:
                self.assertLess(time.monotonic(), deadline)

    def test_a_server_that_is_starting_is_not_stopped(self):
        process = self.serve()
        lock = self.folder / "server.lock"
        while not lock.exists() or not lock.read_text():
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGHUP)
        self.assertIn("endpoint", process.stdout.readline())
        self.assertIsNone(process.poll())


if __name__ == "__main__":
    unittest.main()
