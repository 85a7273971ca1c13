"""`sightline backup` of a server at work, and a server on what `sightline restore` makes of it."""
import itertools
import json
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from server import PICTURES, PROGRAM, Server, WireTest, make_administrator


def astronaut():
    return (PICTURES / "astronaut.png").read_bytes()


def sightline(*words):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, check=False, timeout=120)


class Writers:
    """Objects that are replaced and messages that are sent, one after the other, until stopped."""

    def __init__(self, server, queue):
        self.acknowledged = 0
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.write, args=(server.client("s3"), server.client("sqs"), queue))]
        for thread in self.threads:
            thread.start()

    def write(self, s3, sqs, queue):
        for turn in itertools.count(1):
            if self.stopping.is_set():
                return
            s3.put_object(Bucket="kept", Key=f"key-{turn % 5}", Body=f"{turn}".encode())
            sqs.send_message(QueueUrl=queue, MessageBody=f"{turn}")
            self.acknowledged = turn

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


class Backup(WireTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def serve(self, *flags, data):
        server = Server(*flags, data=data)
        self.addCleanup(lambda: server.process.poll() is None and server.stop())
        return server

    def test_everything_acknowledged_before_is_there(self):
        server = self.serve(data=self.folder / "data")
        s3, rekognition, iam = server.client("s3"), server.client("rekognition"), server.client("iam")
        s3.create_bucket(Bucket="kept")
        rekognition.create_collection(CollectionId="crew")
        face = rekognition.index_faces(CollectionId="crew", Image={"Bytes": astronaut()})["FaceRecords"][0]["Face"]["FaceId"]
        key = make_administrator(iam, "ada")
        queue = server.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
        writers = Writers(server, queue)
        try:
            while writers.acknowledged < 20:
                pass
            before = writers.acknowledged
            done = sightline("backup", self.folder / "backup", "--data", self.folder / "data", "--json")
        finally:
            writers.stop()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreaterEqual(json.loads(done.stdout)["databases"], 5)
        self.assertEqual(server.stop(), 0)
        done = sightline("restore", self.folder / "backup", "--data", self.folder / "restored")
        self.assertEqual(done.returncode, 0, done.stderr)

        server = self.serve("--enforced", data=self.folder / "restored")

        def client(service):
            return server.client(service, key["AccessKeyId"], key["SecretAccessKey"])

        newest = 0
        listed = client("s3").list_objects_v2(Bucket="kept")["Contents"]
        self.assertEqual([entry["Key"] for entry in listed], [f"key-{n}" for n in range(5)])
        for entry in listed:
            newest = max(newest, int(client("s3").get_object(Bucket="kept", Key=entry["Key"])["Body"].read()))
        self.assertGreaterEqual(newest, before)
        bodies = set()
        while messages := client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            bodies |= {int(message["Body"]) for message in messages}
        self.assertTrue(bodies >= set(range(1, before + 1)), f"of {before}: {sorted(bodies)}")
        found = client("rekognition").search_faces_by_image(CollectionId="crew", Image={"Bytes": astronaut()})["FaceMatches"]
        self.assertEqual([match["Face"]["FaceId"] for match in found], [face])

    def test_what_cannot_be_is_said(self):
        server = self.serve(data=self.folder / "data")
        data, empty, new = self.folder / "data", self.folder / "empty", self.folder / "new"
        empty.mkdir()
        for status, text, *words in ((5, "no database", "backup", new, "--data", empty),
                                     (6, "is there already", "backup", data, "--data", data),
                                     (6, "is there already", "restore", data, "--data", data),
                                     (5, "nothing", "backup", new, "--data", self.folder / "nothing")):
            done = sightline(*words)
            self.assertEqual(done.returncode, status, (words, done.stderr))
            self.assertIn(text, done.stderr)
        self.assertEqual(server.get("/healthz")[0], 200)


if __name__ == "__main__":
    unittest.main()
