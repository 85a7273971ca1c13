"""The AWS SDKs for JavaScript, v3 and v2, in Node: each case of the scripts in javascript/ is a test."""
import os
import re
import subprocess
import unittest
from pathlib import Path

from server import CACHE, PICTURES, ServerTest, make_administrator

SCRIPTS = Path(__file__).resolve().parent / "javascript"
NODE = CACHE / "javascript/node"
SECONDS = 60


class JavaScriptTest(ServerTest):
    """A server with an issued key, so that every signature is verified."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        key = make_administrator(cls.server.client("iam"), "javascript")
        cls.variables = {
            "AWS_ENDPOINT_URL": cls.server.endpoint, "AWS_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1",
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": "1", "NODE_NO_WARNINGS": "1",
            "NODE_PATH": str(CACHE / "javascript/node_modules"), "SIGHTLINE_PICTURES": str(PICTURES)}

    def __init_subclass__(cls, script):
        cases = re.findall(r"^  async (\w+)\(\) \{$", (SCRIPTS / script).read_text(), re.MULTILINE)
        assert cases, script
        for case in cases:
            setattr(cls, f"test_{case}", lambda self, case=case: self.run_case(script, case))

    def run_case(self, script, case):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NODE_"))}
        done = subprocess.run([NODE, SCRIPTS / script, case], env={**inherited, **self.variables}, timeout=SECONDS,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Buckets(JavaScriptTest, script="v3_s3.cjs"):
    pass


class Pictures(JavaScriptTest, script="v3_rekognition.cjs"):
    pass


class QueuesAndIdentities(JavaScriptTest, script="v3_sqs_sts.cjs"):
    pass


class Version2(JavaScriptTest, script="v2.cjs"):
    pass


del JavaScriptTest, ServerTest  # they have no tests of their own


if __name__ == "__main__":
    unittest.main()
