"""Jobs on stored videos, as boto3 sees them."""
import json
import os
import random
import signal
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from server import PICTURES, PROGRAM, Server, ServerTest, WireTest


def portrait_clip(path, seconds, size="640:360"):
    """A camera that drifts over a portrait."""
    frames = int(seconds * 25)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-loop", "1", "-framerate", "25", "-i", PICTURES / "astronaut.png",
                    "-vf", f"scale=-2:720,pad=1280:720:(ow-iw)/2:0,crop=640:360:'200+n*80/{frames}':'0+n*60/{frames}',"
                    f"scale={size}", "-frames:v", str(frames), "-c:v", "libx264", "-preset", "veryfast",
                    "-pix_fmt", "yuv420p", path], check=True, stdin=subprocess.DEVNULL)


def workers_of(server):
    """Process numbers of the workers that the server has started."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
        except (OSError, IndexError):
            continue
        if b"worker" in words and int(parent) == server.process.pid:
            found.append(int(entry.name))
    return found


def wait_for_job(get, job, seconds=60):
    """Asks with `get`, the client's method for this kind of job, until it has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = get(JobId=job)
        if answer["JobStatus"] != "IN_PROGRESS":
            return answer
        time.sleep(0.1)
    raise AssertionError("the job does not end")


def wait_for(client, job):
    return wait_for_job(client.get_face_detection, job)


def iou(a, b):
    """Intersection over union of two BoundingBoxes."""
    width = min(a["Left"] + a["Width"], b["Left"] + b["Width"]) - max(a["Left"], b["Left"])
    height = min(a["Top"] + a["Height"], b["Top"] + b["Height"]) - max(a["Top"], b["Top"])
    common = max(0, width) * max(0, height)
    return common / (a["Width"] * a["Height"] + b["Width"] * b["Height"] - common)


def start(client, key="clip.mp4", **more):
    return client.start_face_detection(Video={"S3Object": {"Bucket": "clips", "Name": key}}, **more)["JobId"]


class Clips:
    """Made once: a folder with clips of two seconds and of twelve."""

    folder = None

    @classmethod
    def path(cls, name):
        if cls.folder is None:
            cls.folder = tempfile.TemporaryDirectory()
            portrait_clip(Path(cls.folder.name) / "clip.mp4", 2)
            portrait_clip(Path(cls.folder.name) / "long.mp4", 12)
        return Path(cls.folder.name) / name

    @classmethod
    def put_into(cls, server):
        s3 = server.client("s3")
        s3.create_bucket(Bucket="clips")
        for name in ("clip.mp4", "long.mp4"):
            s3.upload_file(str(cls.path(name)), "clips", name)
        whole = cls.path("clip.mp4").read_bytes()
        s3.put_object(Bucket="clips", Key="noise.mp4", Body=bytes(range(256)) * 40)
        s3.put_object(Bucket="clips", Key="empty.mp4", Body=b"")
        # Every 97th byte is another one, the container's tables among them.
        s3.put_object(Bucket="clips", Key="hostile.mp4",
                      Body=bytes(b ^ 0x5A if i % 97 == 60 else b for i, b in enumerate(whole)))


class Jobs(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Clips.put_into(cls.server)
        cls.rekognition = cls.server.client("rekognition")
        cls.done = start(cls.rekognition, JobTag="my-tag")
        cls.answer = wait_for(cls.rekognition, cls.done)

    def test_the_clip_is_described(self):
        self.assertEqual(self.answer["JobStatus"], "SUCCEEDED", self.answer.get("StatusMessage"))
        self.assertEqual(self.answer["VideoMetadata"], {
            "Codec": "h264", "DurationMillis": 2000, "Format": "QuickTime / MOV", "FrameRate": 25.0,
            "FrameHeight": 360, "FrameWidth": 640, "ColorRange": "LIMITED"})
        self.assertEqual(self.answer["JobId"], self.done)
        self.assertEqual(self.answer["JobTag"], "my-tag")
        self.assertEqual(self.answer["Video"], {"S3Object": {"Bucket": "clips", "Name": "clip.mp4"}})
        self.assertNotIn("NextToken", self.answer)

    def test_the_face_is_told_every_fifth_of_a_second_and_at_the_end(self):
        times = [face["Timestamp"] for face in self.answer["Faces"]]
        self.assertEqual(times, sorted(times))
        self.assertLessEqual(set(range(0, 2000, 200)), set(times))
        self.assertEqual(times[-1], 1960)

    def seen_and_told(self):
        """The face after one second: as DetectFaces sees it in that very frame, and as the job tells it."""
        with tempfile.TemporaryDirectory() as folder:
            frame = Path(folder) / "frame.png"
            subprocess.run(["ffmpeg", "-v", "error", "-ss", "1", "-i", Clips.path("clip.mp4"), "-frames:v", "1", frame],
                           check=True, stdin=subprocess.DEVNULL)
            (seen,) = self.rekognition.detect_faces(Image={"Bytes": frame.read_bytes()})["FaceDetails"]
        (told,) = [face["Face"] for face in self.answer["Faces"] if face["Timestamp"] == 1000]
        return seen, told

    def test_the_face_is_where_it_is(self):
        seen, told = self.seen_and_told()
        # A clip's frames are looked at reduced, and a box may be carried from a neighbour.
        self.assertGreater(iou(told["BoundingBox"], seen["BoundingBox"]), 0.6)
        self.assertGreater(told["Confidence"], 50)

    def test_every_face_has_five_landmarks_where_the_face_is(self):
        for face in (entry["Face"] for entry in self.answer["Faces"]):
            marks = {mark["Type"]: mark for mark in face["Landmarks"]}
            self.assertEqual(list(marks), ["eyeLeft", "eyeRight", "mouthLeft", "mouthRight", "nose"])
            box = face["BoundingBox"]
            self.assertLess(marks["eyeLeft"]["X"], marks["eyeRight"]["X"])
            self.assertTrue(box["Left"] < marks["nose"]["X"] < box["Left"] + box["Width"])
            self.assertTrue(box["Top"] < marks["nose"]["Y"] < box["Top"] + box["Height"])

    def test_pages_join_to_the_whole(self):
        faces, token = [], ""
        while token is not None:  # an empty token is the first page
            page = self.rekognition.get_face_detection(JobId=self.done, MaxResults=4, NextToken=token)
            self.assertLessEqual(len(page["Faces"]), 4)
            faces += page["Faces"]
            token = page.get("NextToken")
        self.assertEqual(faces, self.answer["Faces"])
        self.assertEqual(self.rekognition.get_face_detection(JobId=self.done, MaxResults=5000)["Faces"],
                         self.answer["Faces"])

    def test_what_is_asked_wrongly_is_told(self):
        get = self.rekognition.get_face_detection
        self.assert_code("ResourceNotFoundException", get, JobId="f" * 64)
        self.assert_code("InvalidPaginationTokenException", get, JobId=self.done, NextToken="made-up")
        self.assert_code("ValidationException", get, JobId="not an id")
        begin = self.rekognition.start_face_detection
        for bucket, key in (("clips", "missing.mp4"), ("nowhere", "clip.mp4")):
            self.assert_code("InvalidS3ObjectException", begin, Video={"S3Object": {"Bucket": bucket, "Name": key}})
        self.assert_code("InvalidParameterException", begin, Video={})
        self.assert_code("ValidationException", begin, Video={"S3Object": {"Bucket": "clips", "Name": "clip.mp4"}},
                         FaceAttributes="SOME")

    def test_the_token_of_another_job_is_refused(self):
        other = start(self.rekognition)
        wait_for(self.rekognition, other)
        token = self.rekognition.get_face_detection(JobId=other, MaxResults=1)["NextToken"]
        self.assert_code("InvalidPaginationTokenException", self.rekognition.get_face_detection, JobId=self.done,
                         NextToken=token)

    def test_who_asks_twice_gets_one_job(self):
        first = start(self.rekognition, ClientRequestToken="twice")
        self.assertEqual(start(self.rekognition, ClientRequestToken="twice"), first)
        self.assert_code("IdempotentParameterMismatchException", self.rekognition.start_face_detection,
                         Video={"S3Object": {"Bucket": "clips", "Name": "long.mp4"}}, ClientRequestToken="twice")

    def test_what_is_no_clip_fails_and_the_server_goes_on(self):
        for key in ("noise.mp4", "empty.mp4", "hostile.mp4"):
            answer = wait_for(self.rekognition, start(self.rekognition, key))
            if key != "hostile.mp4":  # of that one something may be readable
                self.assertEqual(answer["JobStatus"], "FAILED")
                self.assertIn("the clip", answer["StatusMessage"])
                self.assertEqual(answer["Faces"], [])
        self.assertEqual(self.server.get("/healthz")[0], 200)

    def hostile_clips(self):
        """By name, made from a good one: what a container can lie about, and what costs time."""
        whole = Clips.path("clip.mp4").read_bytes()
        choose = random.Random(5)

        def box(kind, content):
            return struct.pack(">I", 8 + len(content)) + kind + content

        def box_at(kind):
            at = whole.index(kind) - 4
            return at, struct.unpack(">I", whole[at:at + 4])[0]

        def changed(kind, *words):
            at = whole.index(kind) + 8
            return whole[:at] + struct.pack(f">{len(words)}I", *words) + whole[at + 4 * len(words):]

        moov, size = box_at(b"moov")
        header, (track, track_size) = whole[slice(moov + 8, box_at(b"trak")[0])], box_at(b"trak")
        kinds = [b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"stts", b"stsz", b"stco", b"edts", b"udta", b"meta"]
        noise = b"".join(box(choose.choice(kinds), choose.randbytes(choose.randrange(300))) for _ in range(5000))
        media, _ = box_at(b"mdat")
        return {
            "truncated-moov": whole[:moov + size // 2],
            "no-moov": whole[:moov],
            "random-boxes": whole[:32] + noise,
            "random-boxes-in-moov": whole[:32] + box(b"moov", noise),
            "boxes-in-boxes": whole[:32] + b"\x7f\xff\xff\xffmoov" + b"\x7f\xff\xff\xfftrak" * 50_000,
            "thousands-of-tracks": whole[:moov] + box(b"moov", header + whole[track:track + track_size] * 3000),
            "huge-picture": changed(b"avc1", 0, 0, 0, 0, 0, 0xFFFFFFFF).replace(b"avcC", b"avcX"),
            "a-billion-samples": changed(b"stsz", 1, 0x3FFFFFFF),
            "noise-for-pictures": whole[:media + 8] + choose.randbytes(moov - media - 8) + whole[moov:],
            "zeros.h264": bytes(20_000_000),
            "parameter-sets.h264": (b"\x00\x00\x01\x67\x64\x00\x1f" + bytes(20)) * 200_000,
        }

    def test_hostile_clips_fail_at_once_and_leave_their_place(self):
        def children_seconds():
            fields = Path(f"/proc/{self.server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

        s3 = self.server.client("s3")
        for name, data in self.hostile_clips().items():
            s3.put_object(Bucket="clips", Key=name, Body=data)
            before = children_seconds()
            answer = wait_for(self.rekognition, start(self.rekognition, name))
            with self.subTest(name):
                self.assertEqual(answer["JobStatus"], "FAILED")
                self.assertIn("the clip", answer["StatusMessage"])
                # Of processor time: how long that takes depends on who else is at work. A model alone takes as much.
                self.assertLess(children_seconds() - before, 1)
        self.assertIn("sightline_video_worker_crashes_total 0", self.server.get("/metrics")[1])
        jobs = [start(self.rekognition, "truncated-moov") for _ in range(20)]
        for job in jobs:
            self.assertEqual(wait_for(self.rekognition, job)["JobStatus"], "FAILED")
        self.assertEqual(wait_for(self.rekognition, start(self.rekognition))["JobStatus"], "SUCCEEDED")

    def test_all_attributes_hold_what_detect_faces_measures_and_no_more(self):
        answer = wait_for(self.rekognition, start(self.rekognition, FaceAttributes="ALL"))
        self.assertEqual(answer["JobStatus"], "SUCCEEDED", answer.get("StatusMessage"))
        self.assertEqual([(face["Timestamp"], face["Face"]["BoundingBox"]) for face in answer["Faces"]],
                         [(face["Timestamp"], face["Face"]["BoundingBox"]) for face in self.answer["Faces"]])
        with tempfile.TemporaryDirectory() as folder:
            frame = Path(folder) / "frame.png"
            subprocess.run(["ffmpeg", "-v", "error", "-ss", "1", "-i", Clips.path("clip.mp4"), "-frames:v", "1", frame],
                           check=True, stdin=subprocess.DEVNULL)
            (seen,) = self.rekognition.detect_faces(Image={"Bytes": frame.read_bytes()},
                                                    Attributes=["ALL"])["FaceDetails"]
        (told,) = [face["Face"] for face in answer["Faces"] if face["Timestamp"] == 1000]
        self.assertEqual(set(told), set(seen))
        for angle in ("Roll", "Yaw", "Pitch"):
            self.assertAlmostEqual(told["Pose"][angle], seen["Pose"][angle], delta=5)
        for quality in ("Brightness", "Sharpness"):
            self.assertAlmostEqual(told["Quality"][quality], seen["Quality"][quality], delta=10)
        for attribute in ("EyesOpen", "MouthOpen"):
            self.assertEqual(told[attribute]["Value"], seen[attribute]["Value"])
        marks = {mark["Type"]: mark for mark in told["Landmarks"]}
        self.assertEqual([mark["Type"] for mark in told["Landmarks"]], [mark["Type"] for mark in seen["Landmarks"]])
        for mark in seen["Landmarks"]:
            self.assertAlmostEqual(marks[mark["Type"]]["X"], mark["X"], delta=0.02)
            self.assertAlmostEqual(marks[mark["Type"]]["Y"], mark["Y"], delta=0.02)
        for face in answer["Faces"]:
            self.assertLessEqual({"Landmarks", "Pose", "Quality"}, set(face["Face"]))
        self.assertGreater(sum("EyesOpen" in face["Face"] for face in answer["Faces"]), 0.8 * len(answer["Faces"]))

    def test_default_attributes_hold_what_aws_tells_of_every_face(self):
        for face in self.answer["Faces"]:
            self.assertEqual(set(face["Face"]), {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"})

    def test_default_measures_are_those_of_detect_faces(self):
        seen, told = self.seen_and_told()
        self.assertEqual(set(told), set(seen))
        for angle in ("Roll", "Yaw", "Pitch"):
            self.assertAlmostEqual(told["Pose"][angle], seen["Pose"][angle], delta=5)
        for quality in ("Brightness", "Sharpness"):
            self.assertAlmostEqual(told["Quality"][quality], seen["Quality"][quality], delta=10)
        marks = {mark["Type"]: mark for mark in told["Landmarks"]}
        for mark in seen["Landmarks"]:
            self.assertAlmostEqual(marks[mark["Type"]]["X"], mark["X"], delta=0.02)
            self.assertAlmostEqual(marks[mark["Type"]]["Y"], mark["Y"], delta=0.02)

    def test_metrics_count_jobs(self):
        text = self.server.get("/metrics")[1]
        self.assertRegex(text, r"sightline_video_jobs_succeeded_total [1-9]")
        self.assertRegex(text, r"sightline_video_frames_total [1-9]")

    def test_a_notification_channel_is_refused_while_there_are_no_topics(self):
        topic = "arn:aws:sns:us-east-1:000000000000:done"
        more = {"Video": {"S3Object": {"Bucket": "clips", "Name": "clip.mp4"}},
                "NotificationChannel": {"SNSTopicArn": topic, "RoleArn": "arn:aws:iam::000000000000:role/tell"}}
        for call, own in ((self.rekognition.start_face_detection, {}),
                          (self.rekognition.start_face_search, {"CollectionId": "any"})):
            answer = self.assert_code("InvalidParameterException", call, **more, **own)
            self.assertIn("NotificationChannel", answer["Error"]["Message"])
            self.assertIn(topic, answer["Error"]["Message"])


class Workers(WireTest):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def serve(self):
        server = Server(data=self.folder.name)
        self.addCleanup(lambda: server.process.poll() is None and server.stop())
        return server

    def some_work_done(self, server, job):
        """Waits until a worker of the job has found something; returns the worker."""
        journal = Path(self.folder.name) / "jobs" / f"{job}.detections"
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            if journal.exists() and journal.stat().st_size > 2000 and workers_of(server):
                return workers_of(server)[0]
            time.sleep(0.01)
        raise AssertionError("no worker has found anything")

    def test_a_worker_that_is_killed_is_followed_by_one_that_goes_on(self):
        server = self.serve()
        Clips.put_into(server)
        client = server.client("rekognition")
        undisturbed = wait_for(client, start(client, "long.mp4"))["Faces"]
        job = start(client, "long.mp4")
        os.kill(self.some_work_done(server, job), signal.SIGKILL)
        answer = wait_for(client, job)
        self.assertEqual(answer["JobStatus"], "SUCCEEDED", answer.get("StatusMessage"))
        self.assertEqual(answer["Faces"], undisturbed)
        self.assertIn("sightline_video_worker_crashes_total 1", server.get("/metrics")[1])

    def test_a_worker_holds_and_opens_nothing_of_the_server(self):
        server = self.serve()
        Clips.put_into(server)
        client = server.client("rekognition")
        job = start(client, "long.mp4")
        worker = self.some_work_done(server, job)
        status = Path(f"/proc/{worker}/status").read_text()
        self.assertRegex(status, r"Seccomp:\s+2")
        self.assertRegex(status, r"NoNewPrivs:\s+1")
        self.assertNotRegex(status, r"Uid:\s+0\s")
        held = {os.readlink(link) for link in Path(f"/proc/{worker}/fd").iterdir()}
        data = {name for name in held if name.startswith(self.folder.name)}
        self.assertEqual({name for name in data if "/blobs/" not in name}, {f"{self.folder.name}/jobs/{job}.detections"})
        self.assertEqual(len(data), 2, data)

    def test_a_second_job_compiles_nothing(self):
        cache = Path(self.folder.name) / "cache"
        server = Server(data=Path(self.folder.name) / "data", env={"SIGHTLINE_CACHE": str(cache)})
        self.addCleanup(server.stop)
        Clips.put_into(server)
        client = server.client("rekognition")
        # The server's own models have come into its cache now.
        client.detect_faces(Image={"Bytes": (PICTURES / "astronaut.png").read_bytes()})
        before = set(cache.rglob("*.blob"))
        self.assertEqual(wait_for(client, start(client))["JobStatus"], "SUCCEEDED")
        after = set(cache.rglob("*.blob"))
        self.assertGreaterEqual(len(after - before), 2, "a session for each of the clip's passes")
        for blob in after:
            os.utime(blob, (1_000_000_000, 1_000_000_000))
        self.assertEqual(wait_for(client, start(client))["JobStatus"], "SUCCEEDED")
        self.assertEqual(set(cache.rglob("*.blob")), after)
        # Whoever takes a blob out of the cache leaves the time on it.
        used = {blob for blob in after if blob.stat().st_mtime > 1_000_000_000}
        self.assertLessEqual(after - before, used)
        self.assertEqual(len(used - (after - before)), 1, "the mesh, which DetectFaces has too, and nothing else")

    def test_a_job_outlives_its_server(self):
        server = self.serve()
        Clips.put_into(server)
        client = server.client("rekognition")
        undisturbed = wait_for(client, start(client, "long.mp4"))["Faces"]
        job = start(client, "long.mp4")
        worker = self.some_work_done(server, job)
        server.kill()
        deadline = time.monotonic() + 60
        while Path(f"/proc/{worker}").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertFalse(Path(f"/proc/{worker}").exists(), "the worker outlives its server")
        listed = json.loads(subprocess.run([PROGRAM, "jobs", "--json", "--data", self.folder.name], check=True,
                                           capture_output=True).stdout)
        self.assertEqual([entry["status"] for entry in listed], ["SUCCEEDED", "IN_PROGRESS"])
        self.assertEqual(listed[0]["framesDone"], 300)
        answer = wait_for(self.serve().client("rekognition"), job)
        self.assertEqual(answer["JobStatus"], "SUCCEEDED", answer.get("StatusMessage"))
        self.assertEqual(answer["Faces"], undisturbed)

    def test_twenty_jobs_at_once_and_no_more(self):
        server = self.serve()
        Clips.put_into(server)
        client = server.client("rekognition")
        with self.assertRaises(client.exceptions.LimitExceededException):
            for _ in range(30):
                start(client, "long.mp4")


if __name__ == "__main__":
    unittest.main()
