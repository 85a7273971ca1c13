"""A server of its own for a test, and clients that speak to it.

    class Buckets(ServerTest):
        def test_there_are_none(self):
            self.assertEqual(self.client("s3").list_buckets()["Buckets"], [])

A test fails when a server ended in it that nobody ended, or when a sanitizer reported something: of a server or of any
other program that the test has run.
"""
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("SIGHTLINE_CACHE") or
             Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sightline")
PROGRAM = Path(os.environ.get("SIGHTLINE_PROGRAM", ROOT / "build/release/bin/sightline"))
PICTURES = CACHE / "demo"  # public domain: astronaut.png has one face, coffee.png none
sys.path.insert(0, str(CACHE / "botocore"))

import boto3  # noqa: E402
import aws  # noqa: E402
from botocore.config import Config  # noqa: E402


# Where a program built with sanitizers says what it found; others write nothing there.
REPORTS = tempfile.TemporaryDirectory(prefix="sightline-reports-")
for options in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
    os.environ[options] = ":".join(filter(None, (os.environ.get(options), f"log_path={REPORTS.name}/report")))

ENDS_ASKED_FOR = {0, -signal.SIGTERM, -signal.SIGKILL}
servers = []  # that run, as far as is known


def look_for_damage():
    """What has gone wrong since the last look without a client seeing it: one text each."""
    found = []
    for server in servers[:]:
        status = server.process.poll()
        if status is not None:
            servers.remove(server)
            if status not in ENDS_ASKED_FOR:
                found.append(f"a server ended by itself: exit status {status}")
    for report in sorted(Path(REPORTS.name).iterdir()):
        found.append(report.read_text(errors="replace"))
        report.unlink()
    return found


def assert_no_damage():
    found = look_for_damage()
    if found:
        raise AssertionError("\n".join(found))


# What a server says as it ends after the last test.
unittest.addModuleCleanup(assert_no_damage)


class WireTest(unittest.TestCase):
    """A test that ends with a look at the servers."""

    def run(self, result=None):
        # First in, last out: once the test's own clean-ups have ended its servers.
        self.addCleanup(assert_no_damage)
        return super().run(result)


def make_administrator(iam, name):
    """The key, as CreateAccessKey answers it, of a new user who may do everything."""
    iam.create_user(UserName=name)
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return iam.create_access_key(UserName=name)["AccessKey"]


class Server:
    """`sightline serve` on a free port. `data` keeps a folder; without it everything is gone at the end.
    `around` is a command that becomes the one that follows it; `log` a file for what the server says; `program`
    another one than was built."""

    def __init__(self, *flags, data=None, env=None, around=(), log=None, program=PROGRAM):
        if aws.ENABLED:
            raise unittest.SkipTest("needs a server of its own")
        place = ["--data", str(data)] if data else ["--ephemeral"]
        self.log = open(log or os.environ.get("SIGHTLINE_SERVER_LOG", os.devnull), "ab")  # noqa: SIM115
        self.process = subprocess.Popen([*around, program, "serve", "--listen", "127.0.0.1:0", "--json", *place, *flags],
                                        stdout=subprocess.PIPE, stderr=self.log, encoding="utf-8",
                                        env={**os.environ, **(env or {})})
        line = self.process.stdout.readline()
        if not line:
            status = self.process.wait()
            self._close()
            raise RuntimeError(f"the server did not start: exit status {status}")
        servers.append(self)
        self.started = json.loads(line)
        self.endpoint = self.started["endpoint"]

    def client(self, service, key="test", secret="test", config=None, **more):  # noqa: S107
        config = Config(retries={"max_attempts": 1}).merge(config or Config())
        return boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id=key,
                            aws_secret_access_key=secret, config=config, **more)

    def get(self, path, headers=None, method="GET"):
        """Status and text of an unsigned request."""
        request = urllib.request.Request(self.endpoint + path, headers=headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._close()

    def kill_at_work(self, work, workers=1, seconds=0, until=lambda: True):
        """Kills the server under requests. Each of the workers calls `work(worker, turn)` again and again, until
        that fails for want of a server; it is killed after so many seconds, once `until()` holds."""
        def go_on(worker):
            for turn in itertools.count():
                work(worker, turn)

        with ThreadPoolExecutor(workers) as pool:
            working = [pool.submit(go_on, worker) for worker in range(workers)]
            begin = time.monotonic()
            while not (early := [each for each in working if each.done()]):
                if time.monotonic() - begin >= seconds and until():
                    break
                time.sleep(0.001)
            self.kill()
            for each in working:
                each.exception(60)
        if early:
            raise AssertionError("the work ended before the server was killed") from early[0].exception()

    def stop(self):
        """As a service manager does; returns the exit status."""
        self.process.terminate()
        status = self.process.wait(timeout=40)
        self._close()
        return status

    def _close(self):
        self.process.stdout.close()
        self.log.close()


class ServerTest(WireTest):
    """Tests that share one server."""

    flags = ()

    @classmethod
    def setUpClass(cls):
        if aws.ENABLED and not cls.flags:
            cls.server = aws.Aws(boto3, Config(retries={"max_attempts": 1}))
        else:
            cls.server = Server(*cls.flags)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def client(self, service, **more):
        return self.server.client(service, **more)

    def assert_code(self, code, call, *arguments, **named):
        """That the call fails with this error code; returns what the client knows of the answer."""
        with self.assertRaises(Exception) as caught:
            call(*arguments, **named)
        answer = getattr(caught.exception, "response", None)
        self.assertIsNotNone(answer, caught.exception)
        self.assertEqual(answer["Error"]["Code"], code, answer)
        return answer
