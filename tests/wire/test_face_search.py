"""StartFaceSearch and GetFaceSearch: the people of a stored video, searched for in a collection."""
import os
import signal
import subprocess
import tempfile
import time
import unittest
import uuid
from pathlib import Path

from server import PICTURES, Server, ServerTest, WireTest
from test_video import wait_for_job, workers_of


def two_faces(path, seconds=2):
    """The portrait twice, side by side; on the right, as its own negative, it is like nobody's face."""
    frames = int(seconds * 25)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-loop", "1", "-framerate", "25", "-i", PICTURES / "astronaut.png",
                    "-filter_complex", "[0]crop=240:240:120:20,scale=360:360,split[left][b];[b]negate[right];"
                    f"[left][right]hstack,crop=700:360:'n*20/{frames}':0",
                    "-frames:v", str(frames), "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", path],
                   check=True, stdin=subprocess.DEVNULL)


def wait_for(client, job):
    return wait_for_job(client.get_face_search, job)


def start(client, collection, key="two.mp4", **more):
    return client.start_face_search(Video={"S3Object": {"Bucket": "people", "Name": key}}, CollectionId=collection,
                                    **more)["JobId"]


def fill(server, folder, seconds=2):
    """A clip in a bucket, the portrait in the collection "team"; "nobody" stays empty."""
    two_faces(Path(folder) / "two.mp4", seconds)
    s3 = server.client("s3")
    s3.create_bucket(Bucket="people")
    s3.upload_file(str(Path(folder) / "two.mp4"), "people", "two.mp4")
    rekognition = server.client("rekognition")
    for collection in ("team", "nobody"):
        rekognition.create_collection(CollectionId=collection)
    (record,) = rekognition.index_faces(CollectionId="team", ExternalImageId="eileen", Image={
        "Bytes": (PICTURES / "astronaut.png").read_bytes()})["FaceRecords"]
    return record["Face"]


class Search(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rekognition = cls.server.client("rekognition")
        with tempfile.TemporaryDirectory() as folder:
            cls.enrolled = fill(cls.server, folder)
        cls.done = start(cls.rekognition, "team", JobTag="who")
        cls.answer = wait_for(cls.rekognition, cls.done)

    def test_the_job_is_described(self):
        self.assertEqual(self.answer["JobStatus"], "SUCCEEDED", self.answer.get("StatusMessage"))
        self.assertEqual(self.answer["JobId"], self.done)
        self.assertEqual(self.answer["JobTag"], "who")
        self.assertEqual(self.answer["Video"], {"S3Object": {"Bucket": "people", "Name": "two.mp4"}})
        self.assertEqual(self.answer["VideoMetadata"]["DurationMillis"], 2000)
        self.assertNotIn("NextToken", self.answer)

    def test_the_enrolled_face_is_found_and_the_other_has_no_matches(self):
        people = self.answer["Persons"]
        left = [person for person in people if person["Person"]["Face"]["BoundingBox"]["Left"] < 0.5]
        right = [person for person in people if person["Person"]["Face"]["BoundingBox"]["Left"] >= 0.5]
        self.assertGreaterEqual(len(left), 10)
        self.assertGreaterEqual(len(right), 10)
        for person in left:
            (match,) = person["FaceMatches"]
            self.assertGreater(match["Similarity"], 95)
            face = {name: value for name, value in match["Face"].items() if name != "IndexFacesModelVersion"}
            told = {name: value for name, value in self.enrolled.items() if name != "IndexFacesModelVersion"}
            self.assertEqual(face, told)
            self.assertEqual(face["ExternalImageId"], "eileen")
        for person in right:
            self.assertNotIn("FaceMatches", person)
        self.assertEqual(len({person["Person"]["Index"] for person in left}), 1)

    def test_a_person_is_a_face_at_a_time(self):
        times = [person["Timestamp"] for person in self.answer["Persons"]]
        self.assertEqual(times, sorted(times))
        self.assertLessEqual(set(range(0, 2000, 200)), set(times))
        for person in self.answer["Persons"]:
            face = person["Person"]["Face"]
            self.assertGreater(face["Confidence"], 50)
            self.assertEqual(set(person["Person"]), {"Index", "Face"})
            self.assertEqual(set(face), {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"})

    def test_it_sees_what_a_detection_sees(self):
        job = self.rekognition.start_face_detection(Video={"S3Object": {"Bucket": "people", "Name": "two.mp4"}})["JobId"]
        faces = wait_for_job(self.rekognition.get_face_detection, job)["Faces"]
        self.assertEqual([(face["Timestamp"], face["Face"]["BoundingBox"]) for face in faces],
                         [(person["Timestamp"], person["Person"]["Face"]["BoundingBox"])
                          for person in self.answer["Persons"]])

    def test_sorted_by_index_a_person_stays_together(self):
        people = self.rekognition.get_face_search(JobId=self.done, SortBy="INDEX")["Persons"]
        indices = [person["Person"]["Index"] for person in people]
        self.assertEqual(indices, sorted(indices))
        self.assertGreater(len(set(indices)), 1)
        by_index = sorted(self.answer["Persons"], key=lambda person: (person["Person"]["Index"], person["Timestamp"]))
        self.assertEqual(people, by_index)
        self.assertEqual(self.rekognition.get_face_search(JobId=self.done, SortBy="TIMESTAMP")["Persons"],
                         self.answer["Persons"])

    def test_pages_join_to_the_whole(self):
        for order in ("INDEX", "TIMESTAMP"):
            whole = self.rekognition.get_face_search(JobId=self.done, SortBy=order, MaxResults=5000)["Persons"]
            people, token = [], ""
            while token is not None:
                page = self.rekognition.get_face_search(JobId=self.done, SortBy=order, MaxResults=3, NextToken=token)
                self.assertLessEqual(len(page["Persons"]), 3)
                people += page["Persons"]
                token = page.get("NextToken")
            self.assertEqual(people, whole)
        token = self.rekognition.get_face_search(JobId=self.done, MaxResults=1)["NextToken"]
        self.assert_code("InvalidPaginationTokenException", self.rekognition.get_face_search, JobId=self.done,
                         NextToken=token, SortBy="INDEX")

    def test_the_threshold_counts(self):
        for collection, threshold in (("team", 100), ("nobody", 0)):
            answer = wait_for(self.rekognition, start(self.rekognition, collection, FaceMatchThreshold=threshold))
            self.assertEqual(answer["JobStatus"], "SUCCEEDED")
            self.assertEqual(len(answer["Persons"]), len(self.answer["Persons"]))
            self.assertFalse([person for person in answer["Persons"] if "FaceMatches" in person])
        answer = wait_for(self.rekognition, start(self.rekognition, "team", FaceMatchThreshold=0))
        right = [person for person in answer["Persons"] if person["Person"]["Face"]["BoundingBox"]["Left"] >= 0.5]
        for person in right:
            (match,) = person["FaceMatches"]
            self.assertLess(match["Similarity"], 80)

    def test_what_is_asked_wrongly_is_told(self):
        begin = self.rekognition.start_face_search
        video = {"S3Object": {"Bucket": "people", "Name": "two.mp4"}}
        self.assert_code("ResourceNotFoundException", begin, Video=video, CollectionId="missing")
        self.assert_code("ValidationException", begin, Video=video, CollectionId="no/name")
        self.assert_code("ValidationException", begin, Video=video, CollectionId="team", FaceMatchThreshold=101)
        self.assert_code("InvalidParameterException", begin, Video={}, CollectionId="team")
        for bucket, key in (("people", "missing.mp4"), ("nowhere", "two.mp4")):
            self.assert_code("InvalidS3ObjectException", begin, CollectionId="team",
                             Video={"S3Object": {"Bucket": bucket, "Name": key}})
        get = self.rekognition.get_face_search
        self.assert_code("ResourceNotFoundException", get, JobId="f" * 64)
        self.assert_code("InvalidPaginationTokenException", get, JobId=self.done, NextToken="made-up")
        self.assert_code("ValidationException", get, JobId=self.done, SortBy="SIZE")

    def test_it_is_another_job_than_a_detection(self):
        self.assert_code("ResourceNotFoundException", self.rekognition.get_face_detection, JobId=self.done)
        detection = self.rekognition.start_face_detection(
            Video={"S3Object": {"Bucket": "people", "Name": "two.mp4"}})["JobId"]
        self.assert_code("ResourceNotFoundException", self.rekognition.get_face_search, JobId=detection)

    def test_who_asks_twice_gets_one_job(self):
        token = str(uuid.uuid4())
        first = start(self.rekognition, "team", ClientRequestToken=token)
        self.assertEqual(start(self.rekognition, "team", ClientRequestToken=token), first)
        for change in ({"FaceMatchThreshold": 90}, {"CollectionId": "nobody"}):
            named = {"CollectionId": "team", **change}
            self.assert_code("IdempotentParameterMismatchException", self.rekognition.start_face_search,
                             Video={"S3Object": {"Bucket": "people", "Name": "two.mp4"}}, ClientRequestToken=token, **named)

    def test_no_clip_no_people(self):
        self.server.client("s3").put_object(Bucket="people", Key="noise.mp4", Body=bytes(range(256)) * 40)
        answer = wait_for(self.rekognition, start(self.rekognition, "team", "noise.mp4"))
        self.assertEqual(answer["JobStatus"], "FAILED")
        self.assertIn("the clip", answer["StatusMessage"])
        self.assertEqual(answer["Persons"], [])


class Disturbed(WireTest):
    """A search whose worker or server is killed, or whose collection goes."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.server = self.serve()
        self.enrolled = fill(self.server, self.folder.name, seconds=8)

    def serve(self):
        server = Server(data=Path(self.folder.name) / "data")
        self.addCleanup(lambda: server.process.poll() is None and server.stop())
        return server

    def worker_at_work(self, job):
        journal = Path(self.folder.name) / "data" / "jobs" / f"{job}.detections"
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            if journal.exists() and journal.stat().st_size > 2000 and workers_of(self.server):
                return workers_of(self.server)[0]
            time.sleep(0.01)
        raise AssertionError("no worker has found anything")

    def test_a_collection_that_goes_meanwhile_fails_the_job(self):
        client = self.server.client("rekognition")
        job = start(client, "team")
        self.worker_at_work(job)
        client.delete_collection(CollectionId="team")
        answer = wait_for(client, job)
        self.assertEqual(answer["JobStatus"], "FAILED")
        self.assertEqual(answer["StatusMessage"], "The collection id: team does not exist")
        self.assertEqual(answer["Persons"], [])

    def test_the_killed_are_followed_by_others_that_find_the_same(self):
        client = self.server.client("rekognition")
        undisturbed = wait_for(client, start(client, "team"))["Persons"]
        self.assertTrue(any("FaceMatches" in person for person in undisturbed))
        job = start(client, "team")
        os.kill(self.worker_at_work(job), signal.SIGKILL)
        self.worker_at_work(job)
        self.server.kill()
        self.server = self.serve()
        answer = wait_for(self.server.client("rekognition"), job)
        self.assertEqual(answer["JobStatus"], "SUCCEEDED", answer.get("StatusMessage"))
        self.assertEqual(answer["Persons"], undisturbed)

    def test_a_job_that_has_ended_leaves_the_tables_alone(self):
        client = self.server.client("rekognition")
        wait_for(client, start(client, "team"))
        jobs = Path(self.folder.name) / "data" / "jobs"
        deadline = time.monotonic() + 60  # its journal goes a moment after the answer is there
        left = None
        while left != [] and time.monotonic() < deadline:
            left = [path.name for path in jobs.iterdir() if not path.name.startswith("jobs.db")]
            time.sleep(0.01)
        self.assertEqual(left, [])


if __name__ == "__main__":
    unittest.main()
