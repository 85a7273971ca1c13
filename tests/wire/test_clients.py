"""Commands that ask a server: `sightline jobs`, `sightline data`, `sightline events`."""
import json
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from server import PROGRAM, Server
from test_notifications import drain, keys_of, notify
from test_video import portrait_clip, start

NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
           "AWS_SHARED_CREDENTIALS_FILE": "", "AWS_ENDPOINT_URL": "", "HOME": "/nowhere"}


def run(*words, status=0, **variables):
    """What a command wrote on standard output, or on standard error where it is to fail."""
    done = subprocess.run([PROGRAM, *words], capture_output=True, encoding="utf-8", timeout=60,
                          env={**os.environ, **NO_KEYS, **variables})
    assert done.returncode == status, (done.returncode, done.stderr)
    return done.stdout if status == 0 else done.stderr


class Local(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.server = Server(data=self.folder.name)
        self.addCleanup(self.server.stop)

    def test_jobs_of_the_server_and_of_its_folder_are_the_same(self):
        s3 = self.server.client("s3")
        s3.create_bucket(Bucket="clips")
        with tempfile.TemporaryDirectory() as folder:
            portrait_clip(Path(folder, "clip.mp4"), 0.4)
            s3.upload_file(str(Path(folder, "clip.mp4")), "clips", "clip\n.mp4")
        self.assertEqual(run("jobs", "--endpoint", self.server.endpoint), "no jobs\n")
        job = start(self.server.client("rekognition"), key="clip\n.mp4", JobTag="mine")
        end = time.monotonic() + 120
        while (asked := json.loads(run("jobs", "--json", AWS_ENDPOINT_URL=self.server.endpoint)))[0]["status"] == "IN_PROGRESS":
            self.assertLess(time.monotonic(), end)
            time.sleep(0.2)
        self.assertEqual((asked[0]["id"], asked[0]["status"], asked[0]["tag"]), (job, "SUCCEEDED", "mine"))
        self.assertEqual(asked, json.loads(run("jobs", "--json", "--data", self.folder.name)))
        self.assertIn("clips/clip\\n.mp4", run("jobs", "--endpoint", self.server.endpoint))

    def test_data_has_every_module_with_what_bounds_it(self):
        s3 = self.server.client("s3")
        s3.create_bucket(Bucket="kept")
        s3.put_object(Bucket="kept", Key="k", Body=os.urandom(3 << 20))
        offline = {each["name"]: each for each in json.loads(run("data", "--json", "--data", self.folder.name))["modules"]}
        self.assertEqual(list(offline), ["buckets", "identity", "queues", "rekognition", "models", "reserve", "other"])
        self.assertTrue(3 << 20 <= offline["buckets"]["bytes"] < 8 << 20, offline["buckets"])
        end = time.monotonic() + 30
        while True:
            use = json.loads(run("data", "--json", "--endpoint", self.server.endpoint))
            buckets = use["modules"][0]
            if buckets["bytes"] >= 3 << 20:
                break
            self.assertLess(time.monotonic(), end, use)
            time.sleep(0.5)
        self.assertEqual(buckets["limit_bytes"], buckets["bytes"] + use["free_bytes"])
        self.assertIn("the disk", buckets["limited_by"])
        metrics = self.server.get("/metrics")[1]
        self.assertIn(f'sightline_data_bytes{{module="buckets"}} {buckets["bytes"]}', metrics)
        self.assertIn('sightline_data_limit_bytes{module="queues"} ', metrics)
        self.assertRegex(run("data", "--endpoint", self.server.endpoint), r"buckets +[3-7]\.\d MiB  objects")

    def test_dead_letters_are_seen_and_delivered_again(self):
        def events(*words, **more):
            return run("events", *words, "--endpoint", self.server.endpoint, **more)

        s3, sqs = self.server.client("s3"), self.server.client("sqs")
        self.assertEqual(events("list"), "no dead letters\n")
        s3.create_bucket(Bucket="kept")
        url = sqs.create_queue(QueueName="small", Attributes={"MaximumMessageSize": "1024"})["QueueUrl"]
        notify(s3, "kept", "small")
        keys = ["a" * 1000, "b" * 1000]
        for key in keys:
            s3.put_object(Bucket="kept", Key=key, Body=b"x")
        end = time.monotonic() + 30
        while len(letters := json.loads(events("list", "--json"))) < 2:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        self.assertEqual({letter["target"] for letter in letters}, {"arn:aws:sqs:us-east-1:000000000000:small"})
        self.assertEqual((letters[0]["account"], letters[0]["region"], letters[0]["attempts"]), ("000000000000", "us-east-1", 1))
        self.assertIn("1024", letters[0]["error"])
        first, second = (letter["id"] for letter in letters)
        self.assertRegex(events("list"), rf"{first}  to arn:aws:sqs:.*:small\n  happened  2.*Z\n  given up  2.*Z, after 1 attempt\n")
        self.assertIn("--all", events("retry", status=2))
        self.assertIn("--all", events("retry", first, "--all", status=2))
        sqs.delete_queue(QueueUrl=url)
        url = sqs.create_queue(QueueName="small")["QueueUrl"]
        self.assertIn("1 of them is not there", events("retry", second, "buckets/999", status=5))
        self.assertEqual(keys_of(drain(sqs, url, 1)), keys[1:])
        self.assertEqual(events("retry", "--all"), "to be delivered again: 1 event\n")
        self.assertEqual(keys_of(drain(sqs, url, 1)), keys[:1])
        self.assertEqual(json.loads(events("retry", "--all", "--json")), {"revived": 0})
        self.assertEqual(events("list"), "no dead letters\n")

    def test_what_is_wrong_is_told(self):
        self.assertIn("no server answers", run("jobs", "--endpoint", "http://127.0.0.1:1", status=7))
        self.assertIn("--endpoint 'eyes'", run("data", "--endpoint", "eyes", status=2))
        self.assertIn("no Sightline server", run("data", "--endpoint", self.server.started["public"][0], status=5))
        run("data", "--endpoint", self.server.endpoint, "--data", self.folder.name, status=2)


class Enforced(unittest.TestCase):
    def test_keys_are_needed_and_heeded(self):
        with tempfile.TemporaryDirectory() as folder:
            keys = json.loads(run("keys", "create", "--json", "--data", folder))
            server = Server("--enforced", data=folder)
            self.addCleanup(server.stop)
            refusal = run("jobs", "--endpoint", server.endpoint, status=6)
            self.assertIn("sightline keys create", refusal)
            pair = {"AWS_ACCESS_KEY_ID": keys["access_key_id"], "AWS_SECRET_ACCESS_KEY": keys["secret_access_key"]}
            self.assertEqual(run("jobs", "--endpoint", server.endpoint, **pair), "no jobs\n")
            session = server.client("sts", keys["access_key_id"], keys["secret_access_key"]).get_session_token()["Credentials"]
            home = Path(folder, "home")
            (home / ".aws").mkdir(parents=True)
            (home / ".aws/credentials").write_text(
                f"[mine]\naws_access_key_id = {session['AccessKeyId']}\naws_secret_access_key = {session['SecretAccessKey']}\n"
                f"aws_session_token = {session['SessionToken']}\n")
            self.assertEqual(run("jobs", AWS_ENDPOINT_URL=server.endpoint, HOME=str(home), AWS_PROFILE="mine"), "no jobs\n")
            run("jobs", "--endpoint", server.endpoint, HOME=str(home), status=6)


if __name__ == "__main__":
    unittest.main()
