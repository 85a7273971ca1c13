#!/usr/bin/env python3
"""moto's own tests of IAM, STS and bucket policies, in its server mode: against Sightline, and against moto beside it.

    tests/foreign/moto_tests.py FOLDER [-v] [SUITE...]

FOLDER is a checkout of https://github.com/getmoto/moto (Apache-2.0), or its unpacked source package:

    pip download --no-deps --no-binary moto moto==5.2.5 && tar xf moto-5.2.5.tar.gz

Not part of `./sightline test`, since it needs that folder and installs moto into FOLDER/venv. SUITE is a path below FOLDER/tests
(without any: test_iam, test_sts and test_s3/test_s3_bucket_policy.py). Servers are started at 127.0.0.1:6000, where some tests
look for theirs. Prints a line a test that fails here and passes with moto, with the reason, then counts; with -v also why, in the
test's own words. What fails with moto too, or is skipped, tells nothing. The exit status is 1 where a test that moto passes fails
for a reason that is not listed here.
"""
import collections
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree
from pathlib import Path

from support import forget_aws_settings, python_of, serve

PACKAGES = {"moto": "moto[server]", "pytest": "pytest", "pytest-timeout": "pytest-timeout", "freezegun": "freezegun"}
SUITES = ("test_iam", "test_sts", "test_s3/test_s3_bucket_policy.py")
PORT = 6000
ENDPOINT = f"http://127.0.0.1:{PORT}"
ACCOUNT = "123456789012"

# Why a test fails by what it says, the first that fits.
REASONS = (
    (r"is not served here", "asks a service that is not served"),
    (r"is not supported here|InvalidAction|\(NotImplemented\)|AssumeRoleWith(SAML|WebIdentity) operation: Request is missing",
     "an operation, or a part of one, that is not served"),
    (r"the CreateRole operation: (This policy contains invalid Json|Syntax errors)", "AWS refuses such a trust policy"),
    (r"at 'path' failed to satisfy", "AWS's paths begin and end with a slash"),
    (r"Roles may not be assumed by root accounts", "a key that is not known is the root's, which AWS lets assume no role"),
    (r"BlockPublicPolicy", "AWS blocks public policies of new buckets, moto does not"),
    (r"because no identity-based policy allows", "a user without policies may do nothing, moto lets it"),
    (r"MalformedPolicy\) when calling the PutBucketPolicy", "AWS refuses such a policy of a bucket"),
    (r"arn:aws-(cn|iso)", "another partition than aws"),
    (r"012:user/moto'", "a key that is not known is the root's, in moto a user's"),
    (r"Duplicate tag keys found", "other words than AWS's"),
    (r"less than or equal to \d+\.'? in", "moto ends the message with a full stop"),
    (r"== 'Forbidden'|DeleteObject operation: .* with an explicit deny", "moto's own words"),
    (r"== '(Group|User|Policy) |== 'The user wit|'not found' in", "moto's own words"),
    (r"KeyError: 'Document'", "AWS answers no document of a version that is made or listed"),
    (r"Invalid Marker", "AWS refuses a marker that it did not give"),
)

# Why a test fails, by its name, where what it says does not tell.
DEVIATIONS = {
    "test_delete_access_key": "without a name AWS means the caller's own keys",
    "test_update_access_key": "without a name AWS means the caller's own keys",
    "test_get_current_user": "a key that is not known is the root's, which has no name",
    "test_get_session_token": "moto's token is always the same",
    "test_list_policy_tags_pagination": "moto's markers are numbers",
    "test_list_user_tags": "AWS sorts tags by their keys",
}


def outcomes(folder, python, suites, reset):
    """How each test ended against the server that runs: by its id "passed", "skipped" or what it said."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "report.xml")
        environment = os.environ | {"TEST_SERVER_MODE": "true", "TEST_SERVER_MODE_ENDPOINT": ENDPOINT, "MOTO_TESTS_RESET": reset,
                                    "PYTHONPATH": str(Path(__file__).resolve().parent), "PYTHONDONTWRITEBYTECODE": "1",
                                    "AWS_ACCESS_KEY_ID": "FOOBARKEY", "AWS_SECRET_ACCESS_KEY": "FOOBARSECRET"}
        # test_server.py is about moto's own server, in the same process.
        subprocess.run([python, "-m", "pytest", "-q", "-p", "moto_plugin", "-p", "no:cacheprovider", "--timeout", "60",
                        "--ignore-glob", "*/test_server.py", f"--junitxml={report}", *(f"tests/{suite}" for suite in suites)],
                       cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=False)
        found = {}
        for case in xml.etree.ElementTree.parse(report).iter("testcase"):
            name = f"{case.get('classname')}::{case.get('name')}"
            wrong = case.find("failure") if case.find("failure") is not None else case.find("error")
            said = wrong.get("message", "") + "\n" + (wrong.text or "") if wrong is not None else "passed"
            found[name] = "skipped" if case.find("skipped") is not None else said
        return found


def with_sightline(folder, python, suites):
    process, _ = serve("--account", ACCOUNT, listen=f"127.0.0.1:{PORT}")
    try:
        return outcomes(folder, python, suites, "/_sightline/reset")
    finally:
        process.terminate()
        process.wait(60)


def with_moto(folder, python, suites):
    process = subprocess.Popen([python.parent / "moto_server", "-p", str(PORT)], cwd=folder, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(ENDPOINT + "/moto-api/data.json", timeout=5).close()
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.5)
        return outcomes(folder, python, suites, "/moto-api/reset")
    finally:
        process.terminate()
        process.wait(60)


def reason_of(name, said):
    """Why a test fails; None where nobody knows."""
    for test, reason in DEVIATIONS.items():
        if name.partition("[")[0].endswith("::" + test):
            return reason
    for pattern, reason in REASONS:
        if re.search(pattern, said):
            return reason
    return None


def main(folder, suites, talks):
    python = python_of(folder, PACKAGES)
    theirs, ours = with_moto(folder, python, suites), with_sightline(folder, python, suites)
    counts, reasons, unknown = collections.Counter(), collections.Counter(), 0
    for name, said in sorted(ours.items()):
        if theirs.get(name) != "passed":
            counts["skipped, or failed with moto too"] += 1
        elif said == "passed":
            counts["passed"] += 1
        else:
            counts["failed"] += 1
            reason = reason_of(name, said)
            reasons[reason] += 1
            unknown += reason is None
            print(f"{name}: {reason or 'FAILED: ' + said.splitlines()[0][:300]}")
            if talks:
                print("    " + said.replace("\n", "\n    "))
    for reason, count in reasons.most_common():
        print(f"{count} failed: {reason or 'nobody knows why'}")
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items(), reverse=True)))
    return 1 if unknown or not counts["passed"] else 0


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "-v"]
    if not words or words[0].startswith("-"):
        sys.exit(__doc__)
    forget_aws_settings()
    sys.exit(main(Path(words[0]).resolve(), words[1:] or SUITES, "-v" in sys.argv[1:]))
