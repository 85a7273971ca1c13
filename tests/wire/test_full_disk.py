"""A disk that is full while the server runs on it: each kind of write is refused in words that SDKs understand,
nothing that was acknowledged is lost, nothing is there by half, reads and deletions go on, and once there is room all is
well.

A small file system is mounted in a namespace of the server's own; where the kernel grants none, this is skipped.
"""
import contextlib
import http.client
import itertools
import os
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path
from urllib.parse import urlsplit

from server import PICTURES, PROGRAM, Server, WireTest
from test_notifications import drain, keys_of, notify
from test_video import Clips, start, wait_for

from botocore.exceptions import ClientError  # noqa: E402  (server.py says where it lies)

# Root needs no names of its own, and a server that believes to be root could not start its workers as another user.
OWN_NAMESPACE = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--mount"]
MEGABYTES = 24


def can_mount():
    return subprocess.run([*OWN_NAMESPACE, "sh", "-c", "mount -t tmpfs none /mnt"], capture_output=True,
                          check=False).returncode == 0


def astronaut():
    return (PICTURES / "astronaut.png").read_bytes()


class SmallDisk:
    """A server on a disk of its own, which can be filled and emptied from outside."""

    def __init__(self, folder):
        self.folder = Path(folder, "data")
        self.folder.mkdir(mode=0o700)
        self.log = Path(folder, "log")
        mount = f'mount -t tmpfs -o size={MEGABYTES}m,mode=700 none "{self.folder}"; exec "$@"'
        self.server = Server(data=self.folder, around=[*OWN_NAMESPACE, "sh", "-c", mount, "sh"], log=self.log)

    @property
    def inside(self):
        """The disk as the server sees it."""
        return Path(f"/proc/{self.server.process.pid}/root{self.folder}")

    def fill(self, left=0):
        with open(self.inside / "filler", "ab", buffering=0) as filler:
            for size in (1 << 20, 1 << 12):
                try:
                    while True:
                        filler.write(bytes(size))
                except OSError:
                    pass
            filler.truncate(max(0, filler.tell() - left))

    def make_room(self):
        (self.inside / "filler").unlink()

    def blobs(self):
        return sorted(path.name for path in (self.inside / "blobs").rglob("*") if path.is_file())

    def processor_seconds(self):
        fields = Path(f"/proc/{self.server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@unittest.skipUnless(can_mount(), "no mounts allowed here")
class FullDisk(WireTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.disk = SmallDisk(folder.name)
        self.server = self.disk.server
        self.addCleanup(lambda: self.server.process.poll() is None and self.server.kill())

    def client(self, service):
        return self.server.client(service)

    def refused(self, status, code, call, *arguments, **named):
        with self.assertRaises(ClientError) as caught:
            call(*arguments, **named)
        answer = caught.exception.response
        self.assertEqual((answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]), (status, code))
        request = answer["ResponseMetadata"].get("RequestId")
        self.assertNotIn(str(self.disk.folder), str(answer), "where things lie is nobody's business")
        # One line says which request, which file and what to do.
        line = ""
        deadline = time.monotonic() + 30
        while not line and time.monotonic() < deadline:
            lines = self.disk.log.read_text().splitlines(keepends=True)
            line = next((line for line in lines if f"error: {request}: " in line and line.endswith("\n")), "")
        self.assertIn(str(self.disk.folder), line)
        self.assertIn("free some space", line)

    def test_buckets(self):
        s3 = self.client("s3")
        s3.create_bucket(Bucket="kept")
        s3.put_object(Bucket="kept", Key="old", Body=b"o" * 100_000)
        upload = s3.create_multipart_upload(Bucket="kept", Key="parts")["UploadId"]
        part = {"PartNumber": 1,
                "ETag": s3.upload_part(Bucket="kept", Key="parts", UploadId=upload, PartNumber=1, Body=b"p")["ETag"]}
        blobs = self.disk.blobs()
        full = (507, "InsufficientStorage")
        # What is full is found at the first byte, midway, or when the tables are written.
        for left in (0, 64 * 1024, 512 * 1024):
            self.disk.fill(left)
            big = b"b" * 2_000_000
            self.refused(*full, s3.put_object, Bucket="kept", Key="new", Body=big)
            self.refused(*full, s3.put_object, Bucket="kept", Key="old", Body=big)
            self.refused(*full, s3.upload_part, Bucket="kept", Key="parts", UploadId=upload, PartNumber=2, Body=big)
            if left == 0:
                self.refused(*full, s3.put_object, Bucket="kept", Key="small", Body=b"s")
                self.refused(*full, s3.create_bucket, Bucket="another")
                self.refused(*full, s3.copy_object, Bucket="kept", Key="copy", CopySource="kept/old")
                self.refused(*full, s3.create_multipart_upload, Bucket="kept", Key="more")
            self.assertEqual(self.disk.blobs(), blobs)
            self.assertEqual(s3.get_object(Bucket="kept", Key="old")["Body"].read(), b"o" * 100_000)
            self.assertEqual([entry["Key"] for entry in s3.list_objects_v2(Bucket="kept")["Contents"]], ["old"])
            self.assertEqual([entry["Name"] for entry in s3.list_buckets()["Buckets"]], ["kept"])
            listed = s3.list_parts(Bucket="kept", Key="parts", UploadId=upload)["Parts"]
            self.assertEqual([entry["PartNumber"] for entry in listed], [1])
            self.disk.make_room()
        s3.complete_multipart_upload(Bucket="kept", Key="parts", UploadId=upload, MultipartUpload={"Parts": [part]})
        s3.put_object(Bucket="kept", Key="new", Body=big)
        s3.delete_object(Bucket="kept", Key="old")
        self.assertEqual(s3.get_object(Bucket="kept", Key="new")["Body"].read(), big)
        self.assertEqual(len(self.disk.blobs()), 2)

    def test_deleting_works(self):
        s3, sqs, iam, rekognition = (self.client(name) for name in ("s3", "sqs", "iam", "rekognition"))
        s3.create_bucket(Bucket="kept")
        for n in range(40):
            s3.put_object(Bucket="kept", Key=f"key-{n:02}", Body=b"k" * 1000)
        upload = s3.create_multipart_upload(Bucket="kept", Key="parts")["UploadId"]
        s3.upload_part(Bucket="kept", Key="parts", UploadId=upload, PartNumber=1, Body=b"p")
        url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
        for n in range(20):
            sqs.send_message(QueueUrl=url, MessageBody=f"{n}")
        rekognition.create_collection(CollectionId="crew")
        face = rekognition.index_faces(CollectionId="crew", Image={"Bytes": astronaut()})["FaceRecords"][0]["Face"]["FaceId"]
        iam.create_user(UserName="ada")
        key = iam.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]

        names = itertools.count()

        def grow():
            """None of which may have of the room that deletions need."""
            reserve = self.metric("sightline_reserve_bytes")
            for n in range(30):
                self.refused(507, "InsufficientStorage", s3.put_object, Bucket="kept", Key=f"new-{n}", Body=b"n" * 10_000)
                self.refused(500, "InternalServerError", sqs.send_message, QueueUrl=url, MessageBody="m" * 10_000)
                # It may fit into what its database's journal already has.
                with contextlib.suppress(ClientError):
                    s3.create_bucket(Bucket=f"new-{next(names)}")
            self.assertGreaterEqual(self.metric("sightline_reserve_bytes"), reserve)

        self.fill()
        grow()
        for n in range(0, 40, 2):
            s3.delete_object(Bucket="kept", Key=f"key-{n:02}")
            if n % 10 == 0:
                self.fill()
        self.fill()
        grow()
        self.assertEqual(s3.delete_objects(Bucket="kept", Delete={"Objects": [{"Key": "key-01"}]})["Deleted"][0]["Key"], "key-01")
        s3.abort_multipart_upload(Bucket="kept", Key="parts", UploadId=upload)
        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        self.fill()
        self.assertEqual(rekognition.delete_faces(CollectionId="crew", FaceIds=[face])["DeletedFaces"], [face])
        rekognition.delete_collection(CollectionId="crew")
        iam.delete_access_key(UserName="ada", AccessKeyId=key)
        iam.delete_user(UserName="ada")
        self.fill()
        grow()
        self.disk.make_room()
        s3.put_object(Bucket="kept", Key="new", Body=b"n" * 10_000)
        sqs.send_message(QueueUrl=url, MessageBody="m")
        self.assertEqual(len(s3.list_objects_v2(Bucket="kept")["Contents"]), 40 - 20 - 1 + 1)

    def test_notifications(self):
        s3, sqs = self.client("s3"), self.client("sqs")
        s3.create_bucket(Bucket="kept")
        url = sqs.create_queue(QueueName="notified")["QueueUrl"]
        notify(s3, "kept", "notified")
        keys = [f"key-{n}" for n in range(20)]
        for key in keys:
            s3.put_object(Bucket="kept", Key=key, Body=b"k" * 1000)
        self.assertEqual(sorted(keys_of(drain(sqs, url, len(keys)))), sorted(keys))
        self.fill()
        for key in keys:
            s3.delete_object(Bucket="kept", Key=key)
            self.fill()
        self.refused(507, "InsufficientStorage", s3.put_object, Bucket="kept", Key="new", Body=b"n" * 10_000)
        # Long enough for attempts: none of them counts, and none has of the room for deletions.
        reserve = self.metric("sightline_reserve_bytes")
        self.assertGreater(reserve, 0)
        time.sleep(3)
        self.assertGreaterEqual(self.metric("sightline_reserve_bytes"), reserve)
        self.disk.make_room()
        s3.put_object(Bucket="kept", Key="new", Body=b"n")
        notified = keys_of(drain(sqs, url, len(keys) + 1, patience=60))
        self.assertEqual(sorted(notified), sorted([*keys, "new"]))
        for name in ("given_up_total", "dead"):
            self.assertEqual(self.metric(f"sightline_events_{name}"), 0, name)
        # One whose confirmation found no room comes again when its lease ends, after a minute.
        deadline = time.monotonic() + 120
        while self.metric("sightline_events_waiting") > 0:
            self.assertLess(time.monotonic(), deadline, "what is delivered is confirmed")
            time.sleep(0.05)

    def fill(self):
        """Leaves the reserve. What fills the disk may come just when the server has let it go for a write of its own, and
        takes it then, as any other program would."""
        self.disk.fill()
        # At a quarter the server fills it up again, once a write comes.
        while self.metric("sightline_reserve_bytes") <= self.metric("sightline_reserve_limit_bytes") / 4:
            self.disk.make_room()
            time.sleep(1.1)
            self.client("s3").create_bucket(Bucket="a-write-takes-it-back")
            self.disk.fill()

    def metric(self, name):
        lines = self.server.get("/metrics")[1].splitlines()
        return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name + " "))

    def test_the_status_has_its_words(self):
        s3 = self.client("s3")
        s3.create_bucket(Bucket="kept")
        self.disk.fill()
        url = urlsplit(s3.generate_presigned_url("put_object", {"Bucket": "kept", "Key": "new"}))
        connection = http.client.HTTPConnection(url.hostname, url.port)
        connection.request("PUT", f"{url.path}?{url.query}", body=b"b")
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.reason), (507, "Insufficient Storage"))
        connection.close()

    def test_faces(self):
        client = self.client("rekognition")
        client.create_collection(CollectionId="crew")
        index = {"CollectionId": "crew", "Image": {"Bytes": astronaut()}}
        face = client.index_faces(**index)["FaceRecords"][0]["Face"]["FaceId"]
        self.disk.fill()
        failed = (500, "InternalServerError")
        for _ in range(2):
            self.refused(*failed, client.index_faces, **index)
            self.refused(*failed, client.create_collection, CollectionId="another")
            self.assertEqual([entry["FaceId"] for entry in client.list_faces(CollectionId="crew")["Faces"]], [face])
            found = client.search_faces_by_image(**index)["FaceMatches"]
            self.assertEqual([match["Face"]["FaceId"] for match in found], [face])
        self.disk.make_room()
        second = client.index_faces(**index)["FaceRecords"][0]["Face"]["FaceId"]
        found = client.search_faces(CollectionId="crew", FaceId=face)["FaceMatches"]
        self.assertEqual([match["Face"]["FaceId"] for match in found], [second])
        self.assertEqual(client.delete_faces(CollectionId="crew", FaceIds=[face])["DeletedFaces"], [face])
        self.assertEqual(client.describe_collection(CollectionId="crew")["FaceCount"], 1)

    def test_queues(self):
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
        idle = sqs.create_queue(QueueName="idle")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="one")
        waiting = threading.Thread(target=sqs.receive_message, kwargs={"QueueUrl": idle, "WaitTimeSeconds": 3})
        self.disk.fill()
        waiting.start()
        failed = (500, "InternalServerError")
        self.refused(*failed, sqs.send_message, QueueUrl=url, MessageBody="two" * 10_000)
        self.refused(*failed, sqs.create_queue, QueueName="another")
        self.assertEqual(sqs.get_queue_url(QueueName="jobs")["QueueUrl"], url)
        used = self.disk.processor_seconds()
        time.sleep(1)
        self.assertLess(self.disk.processor_seconds() - used, 0.3, "it tries again and again")
        waiting.join()
        self.disk.make_room()
        sqs.send_message(QueueUrl=url, MessageBody="three")
        bodies = set()
        for _ in range(4):
            bodies |= {message["Body"] for message in
                       sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])}
        self.assertEqual(bodies, {"one", "three"})

    def test_identities(self):
        iam, sts = self.client("iam"), self.client("sts")
        iam.create_user(UserName="ada")
        key = iam.create_access_key(UserName="ada")["AccessKey"]
        self.disk.fill()
        self.refused(500, "ServiceFailure", iam.create_user, UserName="bob")
        self.refused(500, "ServiceFailure", iam.create_access_key, UserName="ada")
        self.refused(500, "InternalFailure", sts.get_session_token)
        self.assertEqual([user["UserName"] for user in iam.list_users()["Users"]], ["ada"])
        own = self.server.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
        self.assertTrue(own.get_caller_identity()["Arn"].endswith("user/ada"))
        self.disk.make_room()
        iam.create_user(UserName="bob")
        self.assertEqual([user["UserName"] for user in iam.list_users()["Users"]], ["ada", "bob"])

    @unittest.skipUnless(os.geteuid() == 0, "needs a mount without a user namespace")
    def test_videos(self):
        Clips.put_into(self.server)
        client = self.client("rekognition")
        running = start(client, "long.mp4")
        self.disk.fill()
        self.refused(500, "InternalServerError", start, client, "clip.mp4")
        self.assertEqual(client.get_face_detection(JobId=running)["JobStatus"], "IN_PROGRESS")
        deadline = time.monotonic() + 30
        while "is put off" not in self.disk.log.read_text():
            self.assertLess(time.monotonic(), deadline, "its results would need room")
            time.sleep(0.1)
        self.disk.make_room()
        answer = wait_for(client, running)
        self.assertEqual(answer["JobStatus"], "SUCCEEDED", answer.get("StatusMessage"))
        self.assertEqual(wait_for(client, start(client, "clip.mp4"))["JobStatus"], "SUCCEEDED")

    def test_a_server_does_not_start_on_a_full_disk(self):
        script = (f'mount -t tmpfs -o size=64k none "{self.disk.folder}"; head -c 200k /dev/zero >"{self.disk.folder}/f";'
                  ' exec "$@"')
        done = subprocess.run([*OWN_NAMESPACE, "sh", "-c", script, "sh", PROGRAM, "serve", "--listen", "127.0.0.1:0",
                               "--data", self.disk.folder], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertIn("free some space", done.stderr)
        self.assertIn(str(self.disk.folder), done.stderr)


if __name__ == "__main__":
    unittest.main()
