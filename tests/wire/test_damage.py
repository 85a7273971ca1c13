"""A data folder that was damaged while no server ran on it: what can be answered is, what cannot be is told with the
remedy, and no answer is wrong."""
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from server import PICTURES, PROGRAM, Server, WireTest
from test_video import portrait_clip, start, wait_for

from botocore.exceptions import BotoCoreError, ClientError  # noqa: E402  (server.py says where it lies)

TABLES = ("buckets.db", "collections.db", "identity.db", "jobs/jobs.db", "queues.db")


def astronaut():
    return (PICTURES / "astronaut.png").read_bytes()


class Damage(WireTest):
    @classmethod
    def setUpClass(cls):
        """A folder with something in each of its files."""
        cls.made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.made.cleanup)
        server = Server(data=cls.made.name + "/data")
        s3, client = server.client("s3"), server.client("rekognition")
        s3.create_bucket(Bucket="kept")
        portrait_clip(cls.made.name + "/clip.mp4", 1)
        s3.upload_file(cls.made.name + "/clip.mp4", "kept", "clip.mp4")
        s3.put_object(Bucket="kept", Key="face.png", Body=astronaut())
        s3.put_object(Bucket="kept", Key="large", Body=b"l" * 3_000_000)
        s3.put_object(Bucket="kept", Key="small", Body=b"small")
        client.create_collection(CollectionId="crew")
        cls.face = client.index_faces(CollectionId="crew", Image={"Bytes": astronaut()})["FaceRecords"][0]["Face"]["FaceId"]
        cls.job = start_clip(client)
        wait_for(client, cls.job)
        url = server.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
        server.client("sqs").send_message(QueueUrl=url, MessageBody="one")
        server.client("iam").create_user(UserName="ada")
        server.stop()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name, "data")
        self.log = Path(folder.name, "log")
        self.copy()

    def copy(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.made.name + "/data", self.folder)

    def serve(self):
        server = Server(data=self.folder, log=self.log)
        self.addCleanup(lambda: server.process.poll() is None and server.kill())
        return server

    def refused_start(self):
        """Status and what is said."""
        done = subprocess.run([PROGRAM, "serve", "--listen", "127.0.0.1:0", "--data", self.folder], capture_output=True,
                              text=True, check=False, timeout=60)
        return done.returncode, done.stderr

    def blob(self, size):
        (path,) = (path for path in (self.folder / "blobs").rglob("*") if path.is_file() and path.stat().st_size == size)
        return path

    def fails(self, code, call, *arguments, **named):
        """With an error that a client may try again after, and a line in the log."""
        with self.assertRaises(ClientError) as caught:
            call(*arguments, **named)
        answer = caught.exception.response
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 500, answer)
        self.assertEqual(answer["Error"]["Code"], code)
        request = answer["ResponseMetadata"]["RequestId"]
        deadline = time.monotonic() + 30
        while f"error: {request}: " not in self.log.read_text():
            self.assertLess(time.monotonic(), deadline, "the log says nothing")
            time.sleep(0.02)

    def test_tables_that_are_none(self):
        for name in TABLES:
            with self.subTest(name):
                path = self.folder / name
                whole = path.read_bytes()
                for damaged in (b"this is no database" * 500, whole[:5000]):
                    path.write_bytes(damaged)
                    status, message = self.refused_start()
                    self.assertEqual(status, 5, message)
                    self.assertIn(str(path), message)
                    self.assertIn("restore it from a backup", message)
                path.write_bytes(whole)
        self.assertEqual(self.serve().stop(), 0)

    def test_tables_with_pages_that_are_lost(self):
        """Wherever it is noticed, nothing is answered that is not so."""
        for name in TABLES:
            path = self.folder / name
            whole = path.read_bytes()
            pages = len(whole) // 4096
            for page in range(1, pages, pages // 7 + 1):
                with self.subTest(f"{name}, page {page}"):
                    self.copy()
                    path.write_bytes(whole[:page * 4096] + b"\xa5" * 4096 + whole[(page + 1) * 4096:])
                    try:
                        server = self.serve()
                    except RuntimeError as error:
                        self.assertIn("exit status 5", str(error))
                        continue
                    try:
                        self.check(server)
                    finally:
                        server.kill()

    def check(self, server):
        """Each read gives what was there, or an error of the server's own."""
        s3, client = server.client("s3"), server.client("rekognition")
        url = f"{server.endpoint}/000000000000/jobs"
        for read, truth in (
                (lambda: s3.get_object(Bucket="kept", Key="small")["Body"].read(), b"small"),
                (lambda: [entry["Key"] for entry in s3.list_objects_v2(Bucket="kept")["Contents"]],
                 ["clip.mp4", "face.png", "large", "small"]),
                (lambda: [face["FaceId"] for face in client.list_faces(CollectionId="crew")["Faces"]], [self.face]),
                (lambda: client.describe_collection(CollectionId="crew")["FaceCount"], 1),
                (lambda: client.search_faces(CollectionId="crew", FaceId=self.face)["FaceMatches"], []),
                (lambda: client.get_face_detection(JobId=self.job)["JobStatus"], "SUCCEEDED"),
                (lambda: server.client("iam").get_user(UserName="ada")["User"]["UserName"], "ada"),
                (lambda: server.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"], "one")):
            try:
                self.assertEqual(read(), truth)
            except ClientError as error:
                self.assertEqual(error.response["ResponseMetadata"]["HTTPStatusCode"], 500, error)

    def test_a_content_that_is_lost(self):
        self.blob(5).unlink()
        server = self.serve()
        s3 = server.client("s3")
        self.fails("InternalError", s3.get_object, Bucket="kept", Key="small")
        self.assertIn("the content of object 'small' in bucket 'kept' is lost", self.log.read_text())
        self.assertIn("restore it from a backup", self.log.read_text())
        self.assertIn("small", [entry["Key"] for entry in s3.list_objects_v2(Bucket="kept")["Contents"]])
        s3.put_object(Bucket="kept", Key="small", Body=b"again")
        self.assertEqual(s3.get_object(Bucket="kept", Key="small")["Body"].read(), b"again")

    def test_a_content_that_is_cut_off(self):
        for size in (3_000_000, len(astronaut())):
            path = self.blob(size)
            path.write_bytes(path.read_bytes()[:1000])
        server = self.serve()
        s3, client = server.client("s3"), server.client("rekognition")
        self.fails("InternalError", s3.get_object, Bucket="kept", Key="large")
        self.fails("InternalServerError", client.detect_faces, Image={"S3Object": {"Bucket": "kept", "Name": "face.png"}})

    def test_a_content_that_is_cut_off_while_it_is_read(self):
        s3 = self.serve().client("s3")
        size = 40_000_000  # more than sockets hold
        s3.put_object(Bucket="kept", Key="huge", Body=bytes(size))
        body = s3.get_object(Bucket="kept", Key="huge")["Body"]
        body.read(1000)
        path = self.blob(size)
        with open(path, "r+b") as file:
            file.truncate(size - 500_000)
        with self.assertRaises(BotoCoreError):
            body.read()
        self.assertIn(f"'{path}' is shorter than it was", self.log.read_text())

    def test_a_clip_that_is_lost(self):
        self.blob(Path(self.made.name, "clip.mp4").stat().st_size).unlink()
        client = self.serve().client("rekognition")
        answer = wait_for(client, start_clip(client))
        self.assertEqual(answer["JobStatus"], "FAILED")
        self.assertIn("cannot be read", answer["StatusMessage"])
        self.assertNotIn(str(self.folder), answer["StatusMessage"])
        self.assertIn("restore it from a backup", self.log.read_text())

    def test_a_vector_that_is_damaged(self):
        path = self.folder / "collections.db"
        data = bytearray(path.read_bytes())
        # The face's id stands in its row, and before its vector; what follows is no id.
        raw = bytes.fromhex(self.face.replace("-", ""))
        places = [at for at in range(len(data)) if data.startswith(raw, at)]
        slot = next(at for at in places if data[at - 8:at] == (1).to_bytes(8, "little"))
        data[slot + 40:slot + 80] = b"\xa5" * 40
        path.write_bytes(data)
        server = self.serve()
        client = server.client("rekognition")
        self.fails("InternalServerError", client.search_faces_by_image, CollectionId="crew", Image={"Bytes": astronaut()})
        self.assertIn("a stored face's vector is damaged", self.log.read_text())
        self.assertEqual(len(client.list_faces(CollectionId="crew")["Faces"]), 1)
        self.assertEqual(len(client.detect_faces(Image={"Bytes": astronaut()})["FaceDetails"]), 1)


def start_clip(client):
    return client.start_face_detection(Video={"S3Object": {"Bucket": "kept", "Name": "clip.mp4"}})["JobId"]


if __name__ == "__main__":
    unittest.main()
