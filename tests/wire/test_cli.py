"""Every operation, typed: `aws --endpoint-url ...`, of Debian's package `awscli`."""
import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from server import PICTURES, ROOT, Server, WireTest
from test_video import portrait_clip

from botocore import xform_name  # noqa: E402  (server.py says where it lies)

ASTRONAUT = PICTURES / "astronaut.png"
COFFEE = PICTURES / "coffee.png"


class Typed(WireTest):
    """Commands of one service; none of its operations may be left out."""

    program = shutil.which("aws", path="/usr/bin") or shutil.which("aws")

    def setUp(self):
        self.assertIsNotNone(self.program, "there is no aws: run ./sightline setup --tests")
        self.server = Server()
        self.addCleanup(self.server.stop)
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = Path(place.name)
        self.typed = set()
        self.key = ("test", "test")

    def aws(self, service, operation, *words, fails=None, **options):
        """What the command prints, read; `fails` is an error code that it must print instead."""
        for name, value in options.items():
            words = (*words, "--" + name.replace("_", "-"), value if isinstance(value, str) else
                     str(value) if isinstance(value, (int, Path)) else json.dumps(value))
        environment = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": self.key[0], "AWS_SECRET_ACCESS_KEY": self.key[1],
                       "AWS_DEFAULT_REGION": "us-east-1", "HOME": str(self.folder), "AWS_EC2_METADATA_DISABLED": "true"}
        done = subprocess.run([self.program, "--endpoint-url", self.server.endpoint, "--output", "json", service, operation,
                               *words], env=environment, capture_output=True, encoding="utf-8", timeout=120)
        if fails:
            self.assertNotEqual(done.returncode, 0, done.stdout)
            self.assertIn(f"({fails})", done.stderr)
            return None
        self.assertEqual(done.returncode, 0, f"{service} {operation} {words}: {done.stderr}")
        self.typed.add(operation)
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def assert_all_typed(self, service):
        listed = (ROOT / "src/aws" / service / "operations.txt").read_text().splitlines()
        self.assertEqual({xform_name(line.split()[0], "-") for line in listed if not line.startswith("#")} - self.typed, set())

    def test_iam_and_sts(self):
        self.aws("iam", "create-user", user_name="ada")
        self.assertEqual(self.aws("iam", "get-user", user_name="ada")["User"]["UserName"], "ada")
        self.assertEqual([user["UserName"] for user in self.aws("iam", "list-users")["Users"]], ["ada"])
        key = self.aws("iam", "create-access-key", user_name="ada")["AccessKey"]
        (listed,) = self.aws("iam", "list-access-keys", user_name="ada")["AccessKeyMetadata"]
        self.assertEqual((listed["AccessKeyId"], listed["Status"]), (key["AccessKeyId"], "Active"))

        self.key = (key["AccessKeyId"], key["SecretAccessKey"])
        self.assertTrue(self.aws("sts", "get-caller-identity")["Arn"].endswith(":user/ada"))
        self.assertIn("SessionToken", self.aws("sts", "get-session-token", duration_seconds=900)["Credentials"])
        self.key = (key["AccessKeyId"], "another" + key["SecretAccessKey"][7:])
        self.aws("sts", "get-caller-identity", fails="SignatureDoesNotMatch")

        self.key = ("test", "test")
        named = {"user_name": "ada", "access_key_id": key["AccessKeyId"]}
        self.aws("iam", "update-access-key", **named, status="Inactive")
        self.aws("iam", "delete-user", user_name="ada", fails="DeleteConflict")
        self.aws("iam", "delete-access-key", **named)
        self.aws("iam", "delete-user", user_name="ada")
        self.aws("iam", "get-user", user_name="ada", fails="NoSuchEntity")
        self.type_policies()
        self.assert_all_typed("iam")
        self.assert_all_typed("sts")

    def type_policies(self):
        """Groups, roles and policies, and a role that is assumed."""
        read = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
        trusting = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "000000000000"},
                                                           "Action": "sts:AssumeRole"}}
        tags = [{"Key": "team", "Value": "red"}]
        self.aws("iam", "create-user", user_name="eve")
        self.aws("iam", "create-group", group_name="crew")
        role = self.aws("iam", "create-role", role_name="worker", assume_role_policy_document=trusting)["Role"]["Arn"]
        policy = self.aws("iam", "create-policy", policy_name="reads", policy_document=read)["Policy"]["Arn"]
        self.aws("iam", "add-user-to-group", group_name="crew", user_name="eve")
        self.assertEqual(self.aws("iam", "get-group", group_name="crew")["Users"][0]["UserName"], "eve")
        self.assertEqual(len(self.aws("iam", "list-groups-for-user", user_name="eve")["Groups"]), 1)
        for kind, name in (("user", "eve"), ("group", "crew"), ("role", "worker")):
            who = {f"{kind}_name": name}
            self.aws("iam", f"put-{kind}-policy", policy_name="own", policy_document=read, **who)
            self.assertEqual(self.aws("iam", f"get-{kind}-policy", policy_name="own", **who)["PolicyDocument"], read)
            self.assertEqual(self.aws("iam", f"list-{kind}-policies", **who)["PolicyNames"], ["own"])
            self.aws("iam", f"attach-{kind}-policy", policy_arn=policy, **who)
            (attached,) = self.aws("iam", f"list-attached-{kind}-policies", **who)["AttachedPolicies"]
            self.assertEqual(attached["PolicyArn"], policy)
        self.assertEqual(len(self.aws("iam", "list-entities-for-policy", policy_arn=policy)["PolicyRoles"]), 1)
        for kind, who in (("user", {"user_name": "eve"}), ("role", {"role_name": "worker"}), ("policy", {"policy_arn": policy})):
            self.aws("iam", f"tag-{kind}", tags=tags, **who)
            self.assertEqual(self.aws("iam", f"list-{kind}-tags", **who)["Tags"], tags)
            self.aws("iam", f"untag-{kind}", "--tag-keys", "team", **who)
        (result,) = self.aws("iam", "simulate-principal-policy", "--action-names", "s3:GetObject",
                             policy_source_arn=role)["EvaluationResults"]
        self.assertEqual(result["EvalDecision"], "allowed")
        self.aws("iam", "simulate-custom-policy", "--action-names", "s3:GetObject", "--policy-input-list", json.dumps(read))

        self.aws("iam", "put-user-policy", user_name="eve", policy_name="assumes", policy_document={
            **read, "Statement": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}})
        key = self.aws("iam", "create-access-key", user_name="eve")["AccessKey"]
        self.key = (key["AccessKeyId"], key["SecretAccessKey"])
        assumed = self.aws("sts", "assume-role", role_arn=role, role_session_name="night")
        self.assertTrue(assumed["AssumedRoleUser"]["Arn"].endswith(":assumed-role/worker/night"))
        self.key = ("test", "test")
        self.aws("iam", "delete-access-key", user_name="eve", access_key_id=key["AccessKeyId"])
        self.aws("iam", "delete-user-policy", user_name="eve", policy_name="assumes")

        version = self.aws("iam", "create-policy-version", policy_arn=policy, policy_document=read)["PolicyVersion"]["VersionId"]
        self.aws("iam", "set-default-policy-version", policy_arn=policy, version_id=version)
        self.assertEqual(self.aws("iam", "get-policy", policy_arn=policy)["Policy"]["DefaultVersionId"], version)
        self.assertEqual(len(self.aws("iam", "list-policy-versions", policy_arn=policy)["Versions"]), 2)
        self.aws("iam", "get-policy-version", policy_arn=policy, version_id="v1")
        self.aws("iam", "delete-policy-version", policy_arn=policy, version_id="v1")
        self.assertEqual(len(self.aws("iam", "list-policies", scope="Local")["Policies"]), 1)
        self.assertEqual(len(self.aws("iam", "list-roles")["Roles"]), 1)
        self.assertEqual(len(self.aws("iam", "get-account-authorization-details")["RoleDetailList"]), 1)
        self.assertEqual(len(self.aws("iam", "list-groups")["Groups"]), 1)
        self.aws("iam", "update-group", group_name="crew", new_path="/ship/")
        self.aws("iam", "update-user", user_name="eve", new_path="/ship/")
        self.aws("iam", "update-role", role_name="worker", max_session_duration=7200)
        self.aws("iam", "update-role-description", role_name="worker", description="works")
        self.assertEqual(self.aws("iam", "list-instance-profiles-for-role", role_name="worker")["InstanceProfiles"], [])
        self.aws("iam", "update-assume-role-policy", role_name="worker", policy_document=trusting)
        self.assertEqual(self.aws("iam", "get-role", role_name="worker")["Role"]["MaxSessionDuration"], 7200)
        self.aws("iam", "remove-user-from-group", group_name="crew", user_name="eve")
        for kind, name in (("user", "eve"), ("group", "crew"), ("role", "worker")):
            who = {f"{kind}_name": name}
            self.aws("iam", f"delete-{kind}", fails="DeleteConflict", **who)
            self.aws("iam", f"detach-{kind}-policy", policy_arn=policy, **who)
            self.aws("iam", f"delete-{kind}-policy", policy_name="own", **who)
            self.aws("iam", f"delete-{kind}", **who)
        self.aws("iam", "delete-policy", policy_arn=policy)

    def test_sqs(self):
        # Debian's version of the CLI speaks to SQS in forms, the SDKs of today in JSON.
        url = self.aws("sqs", "create-queue", queue_name="frames", attributes={"VisibilityTimeout": "45"})["QueueUrl"]
        self.assertEqual(self.aws("sqs", "get-queue-url", queue_name="frames")["QueueUrl"], url)
        self.aws("sqs", "create-queue", queue_name="frames", attributes={"VisibilityTimeout": "46"}, fails="QueueAlreadyExists")
        began = time.monotonic()
        self.assertEqual(self.aws("sqs", "receive-message", queue_url=url, wait_time_seconds=1), {})
        self.assertGreater(time.monotonic() - began, 1)

        said = {"kind": {"DataType": "String", "StringValue": "blur & <more>"}}
        body = "a face\n" + "\u00e9" * 60000
        self.aws("sqs", "send-message", queue_url=url, message_body=body, message_attributes=said)
        (message,) = self.aws("sqs", "receive-message", "--attribute-names", "All", "--message-attribute-names", "All",
                              queue_url=url, wait_time_seconds=5)["Messages"]
        self.assertEqual((message["Body"], message["MessageAttributes"]), (body, said))
        self.assertEqual(message["Attributes"]["ApproximateReceiveCount"], "1")
        self.aws("sqs", "delete-message", queue_url=url, receipt_handle=message["ReceiptHandle"])
        self.aws("sqs", "purge-queue", queue_url=url, fails="InvalidAction")
        self.aws("sqs", "delete-queue", queue_url=url)
        self.aws("sqs", "get-queue-url", queue_name="frames", fails="AWS.SimpleQueueService.NonExistentQueue")
        self.assert_all_typed("sqs")

    def s3api(self, operation, *words, key=None, **options):
        named = {"bucket": "clips", **({"key": key} if key else {}), **options}
        return self.aws("s3api", operation, *words, **named)

    def test_s3(self):
        part, back = self.folder / "part", self.folder / "back"
        part.write_bytes(os.urandom(5 << 20))
        self.s3api("create-bucket")
        self.s3api("head-bucket")
        self.assertIn("LocationConstraint", self.s3api("get-bucket-location"))
        self.s3api("get-bucket-versioning")
        self.assertEqual([bucket["Name"] for bucket in self.aws("s3api", "list-buckets")["Buckets"]], ["clips"])

        self.aws("sqs", "create-queue", queue_name="changes")
        notified = {"QueueConfigurations": [{"QueueArn": "arn:aws:sqs:us-east-1:000000000000:changes",
                                             "Events": ["s3:ObjectCreated:*"]}]}
        self.s3api("put-bucket-notification-configuration", notification_configuration=notified)
        kept, = self.s3api("get-bucket-notification-configuration")["QueueConfigurations"]
        self.assertEqual(kept["Events"], ["s3:ObjectCreated:*"])
        self.s3api("put-object", key="one.png", body=ASTRONAUT, content_type="image/png")
        self.assertEqual(self.s3api("head-object", key="one.png")["ContentLength"], ASTRONAUT.stat().st_size)
        self.s3api("get-object", str(back), key="one.png")
        self.assertEqual(back.read_bytes(), ASTRONAUT.read_bytes())
        self.s3api("get-object", str(back), key="one.png", range="bytes=1-3")
        self.assertEqual(back.read_bytes(), b"PNG")
        self.s3api("copy-object", key="two.png", copy_source="clips/one.png")

        upload = self.s3api("create-multipart-upload", key="whole")["UploadId"]
        named = {"key": "whole", "upload_id": upload}
        first = self.s3api("upload-part", **named, part_number=1, body=part)["ETag"]
        copied = self.s3api("upload-part-copy", **named, part_number=2, copy_source="clips/one.png")
        self.assertEqual(len(self.s3api("list-parts", **named)["Parts"]), 2)
        parts = [{"PartNumber": 1, "ETag": first}, {"PartNumber": 2, "ETag": copied["CopyPartResult"]["ETag"]}]
        self.s3api("complete-multipart-upload", **named, multipart_upload={"Parts": parts})
        self.s3api("get-object", str(back), key="whole")
        self.assertEqual(back.read_bytes(), part.read_bytes() + ASTRONAUT.read_bytes())
        given_up = self.s3api("create-multipart-upload", key="never")["UploadId"]
        self.assertEqual([found["Key"] for found in self.s3api("list-multipart-uploads")["Uploads"]], ["never"])
        self.s3api("abort-multipart-upload", key="never", upload_id=given_up)

        policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                                                         "Resource": "arn:aws:s3:::clips/*"}}
        self.s3api("put-bucket-policy", policy=policy, fails="AccessDenied")
        self.assertTrue(self.s3api("get-public-access-block")["PublicAccessBlockConfiguration"]["BlockPublicPolicy"])
        self.s3api("put-public-access-block", public_access_block_configuration={"BlockPublicPolicy": False})
        self.s3api("delete-public-access-block")
        self.s3api("put-bucket-policy", policy=policy)
        self.assertEqual(json.loads(self.s3api("get-bucket-policy")["Policy"]), policy)
        self.assertTrue(self.s3api("get-bucket-policy-status")["PolicyStatus"]["IsPublic"])
        self.assertEqual(self.server.get("/clips/one.png", method="HEAD")[0], 200)
        self.s3api("delete-bucket-policy")

        for listing in ("list-objects", "list-objects-v2"):
            self.assertEqual([found["Key"] for found in self.s3api(listing)["Contents"]], ["one.png", "two.png", "whole"])
        self.s3api("delete-bucket", fails="BucketNotEmpty")
        self.s3api("delete-object", key="whole")
        self.s3api("delete-objects", delete={"Objects": [{"Key": "one.png"}, {"Key": "two.png"}]})
        self.s3api("get-object", str(back), key="one.png", fails="NoSuchKey")
        self.s3api("delete-bucket")
        self.assert_all_typed("s3")

    def rekognition(self, operation, **options):
        return self.aws("rekognition", operation, **options)

    def picture(self, path=ASTRONAUT):
        return {"S3Object": {"Bucket": "pictures", "Name": path.name}}

    def put_pictures(self):
        self.aws("s3api", "create-bucket", bucket="pictures")
        for path in (ASTRONAUT, COFFEE):
            self.aws("s3api", "put-object", bucket="pictures", key=path.name, body=path)

    def test_rekognition(self):
        self.put_pictures()
        self.see()
        self.enrol_and_search()
        self.watch()
        self.assert_all_typed("rekognition")

    def see(self):
        self.assertEqual(len(self.rekognition("detect-faces", image=self.picture(), attributes=["ALL"])["FaceDetails"]), 1)
        self.assertEqual(len(self.rekognition("detect-faces", image_bytes=f"fileb://{ASTRONAUT}")["FaceDetails"]), 1)
        (match,) = self.rekognition("compare-faces", source_image=self.picture(), target_image=self.picture())["FaceMatches"]
        self.assertGreater(match["Similarity"], 99)
        labels = {label["Name"] for label in self.rekognition("detect-labels", image=self.picture())["Labels"]}
        self.assertIn("Person", labels)
        self.assertEqual(self.rekognition("detect-moderation-labels", image=self.picture(COFFEE))["ModerationLabels"], [])

    def enrol_and_search(self):
        people = {"collection_id": "people"}
        self.rekognition("create-collection", **people)
        arn = self.rekognition("describe-collection", **people)["CollectionARN"]
        self.assertEqual(self.rekognition("list-collections")["CollectionIds"], ["people"])
        self.rekognition("tag-resource", resource_arn=arn, tags={"course": "maths"})
        self.assertEqual(self.rekognition("list-tags-for-resource", resource_arn=arn)["Tags"], {"course": "maths"})
        self.rekognition("untag-resource", resource_arn=arn, tag_keys=["course"])

        (record,) = self.rekognition("index-faces", **people, image=self.picture(), external_image_id="eileen")["FaceRecords"]
        face = record["Face"]["FaceId"]
        self.assertEqual([known["FaceId"] for known in self.rekognition("list-faces", **people)["Faces"]], [face])
        (found,) = self.rekognition("search-faces-by-image", **people, image=self.picture())["FaceMatches"]
        self.assertEqual(found["Face"]["ExternalImageId"], "eileen")
        self.assertEqual(self.rekognition("search-faces", **people, face_id=face)["FaceMatches"], [])
        self.rekognition("search-faces-by-image", **people, image=self.picture(COFFEE), fails="InvalidParameterException")
        self.assertEqual(self.rekognition("delete-faces", **people, face_ids=[face])["DeletedFaces"], [face])
        self.rekognition("delete-collection", **people)
        self.rekognition("describe-collection", **people, fails="ResourceNotFoundException")

    def ended(self, operation, job):
        """The answer of a job that has succeeded."""
        deadline = time.monotonic() + 300  # only what hangs runs into it
        while (answer := self.rekognition(operation, job_id=job))["JobStatus"] == "IN_PROGRESS":
            self.assertLess(time.monotonic(), deadline, "the job does not end")
            time.sleep(0.3)
        self.assertEqual(answer["JobStatus"], "SUCCEEDED")
        return answer

    def watch(self):
        portrait_clip(self.folder / "clip.mp4", 1)
        self.aws("s3api", "put-object", bucket="pictures", key="clip.mp4", body=self.folder / "clip.mp4")
        clip = {"video": self.picture(Path("clip.mp4"))}
        job = self.rekognition("start-face-detection", **clip)["JobId"]
        self.assertGreater(len(self.ended("get-face-detection", job)["Faces"]), 4)

        self.rekognition("create-collection", collection_id="cast")
        self.rekognition("index-faces", collection_id="cast", image=self.picture(), external_image_id="eileen")
        job = self.rekognition("start-face-search", **clip, collection_id="cast")["JobId"]
        person = self.ended("get-face-search", job)["Persons"][0]
        self.assertEqual(person["FaceMatches"][0]["Face"]["ExternalImageId"], "eileen")


if __name__ == "__main__":
    unittest.main()
