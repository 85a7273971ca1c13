"""The server as such: its pages, its door, its end."""
import contextlib
import fcntl
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import warnings
from pathlib import Path
from urllib.parse import urlsplit

from server import CACHE, PICTURES, PROGRAM, ROOT, Server, ServerTest, WireTest

from botocore.exceptions import ClientError  # after server.py, which says where it lies


def astronaut():
    return (PICTURES / "astronaut.png").read_bytes()


class Pages(ServerTest):
    def test_health_tells_of_the_models(self):
        status, text = self.server.get("/healthz")
        self.assertEqual(status, 200)
        self.assertIn('"status":"ok"', text)

    def test_scripts_that_wait_for_an_emulator_find_the_services(self):
        status, text = self.server.get("/_localstack/health")
        self.assertEqual(status, 200)
        self.assertIn('"rekognition":"available"', text)

    def test_metrics_count_requests_by_operation(self):
        with self.assertRaises(Exception):
            self.client("rekognition").detect_faces(Image={"Bytes": b"no picture"})
        deadline = time.monotonic() + 30
        text = ""
        while "DetectFaces" not in text and time.monotonic() < deadline:
            text = self.server.get("/metrics")[1]
        self.assertIn('sightline_requests_total{operation="rekognition:DetectFaces",status="400"} 1', text)
        self.assertIn('sightline_pool_busy{pool="inference"}', text)
        self.assertIn("# TYPE sightline_queue_receivers gauge\nsightline_queue_receivers 0", text)
        self.assertIn("# TYPE sightline_video_jobs_failed_total counter\nsightline_video_jobs_failed_total 0", text)
        self.assertEqual(text.count("# TYPE sightline_pool_busy "), 1)


class Door(ServerTest):
    flags = ("--allow-origin", "https://console.example")

    def test_a_page_of_another_origin_is_refused(self):
        status, text = self.server.get("/healthz", {"Origin": "https://evil.example"})
        self.assertEqual(status, 403)
        self.assertIn("evil.example", text)

    def test_what_a_browser_says_of_its_page_is_heard(self):
        self.assertEqual(self.server.get("/", {"Sec-Fetch-Site": "cross-site"})[0], 403)

    def test_a_rebound_name_is_refused(self):
        self.assertEqual(self.server.get("/healthz", {"Host": "evil.example"})[0], 403)

    def test_a_listed_page_may_ask_and_read(self):
        parts = urlsplit(self.server.endpoint)
        connection = http.client.HTTPConnection(parts.hostname, parts.port)
        page = {"Origin": "https://console.example"}
        connection.request("OPTIONS", "/", headers={**page, "Access-Control-Request-Method": "POST",
                                                    "Access-Control-Request-Headers": "x-amz-target"})
        answer = connection.getresponse()
        answer.read()
        self.assertEqual(answer.status, 204)
        self.assertEqual(answer.getheader("Access-Control-Allow-Origin"), "https://console.example")
        self.assertEqual(answer.getheader("Access-Control-Allow-Headers"), "x-amz-target")
        connection.close()

    def test_an_unsigned_request_is_refused(self):
        status, text = self.server.get("/", {"X-Amz-Target": "RekognitionService.DetectFaces"}, method="POST")
        self.assertEqual(status, 400)
        self.assertIn("MissingAuthenticationTokenException", text)


class Public(WireTest):
    def test_nothing_is_published_yet_and_pages_of_any_name_may_ask(self):
        server = Server()
        port = urlsplit(server.started["public"][0]).port
        self.assertEqual(server.started["public_url"], server.started["public"][0])
        for headers in ({}, {"Host": "app.example"}, {"Origin": "https://app.example"}):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/healthz", headers=headers)
            self.assertEqual(connection.getresponse().status, 404)
            connection.close()
        self.assertEqual(server.stop(), 0)

    def test_the_api_is_not_there_whoever_asks(self):
        server = Server()
        server.client("s3").create_bucket(Bucket="kept")
        public = Server.__new__(Server)
        public.endpoint = server.started["public"][0]
        for path, method in (("/", "GET"), ("/kept", "GET"), ("/kept", "DELETE"), ("/kept/key", "PUT"), ("/metrics", "GET"),
                             ("/_localstack/health", "GET"), ("/_sightline/reset", "POST"), ("/?Action=ListUsers", "POST")):
            self.assertEqual(public.get(path, method=method), (404, ""), (path, method))
        for call in (public.client("s3").list_buckets, lambda: public.client("sqs").create_queue(QueueName="q")):
            with self.assertRaises(ClientError) as caught:
                call()
            self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 404)
        self.assertEqual([bucket["Name"] for bucket in server.client("s3").list_buckets()["Buckets"]], ["kept"])
        self.assertEqual(server.stop(), 0)

    def test_it_may_have_another_name_outside(self):
        server = Server("--public-url", "HTTPS://Apps.Example:443/")
        self.assertEqual(server.started["public_url"], "https://apps.example")
        self.assertTrue(server.started["public"][0].startswith("http://127.0.0.1:"))
        self.assertEqual(server.stop(), 0)

    def test_it_may_be_closed_or_be_elsewhere(self):
        server = Server("--public-listen", "none")
        self.assertEqual((server.started["public"], server.started["public_url"]), ([], ""))
        self.assertEqual(server.stop(), 0)
        server = Server("--public-listen", "[::1]:0", "--public-listen", "0")
        self.assertEqual([urlsplit(each).hostname for each in server.started["public"]], ["::1", "127.0.0.1"])
        self.assertEqual(server.stop(), 0)


class Encrypted(WireTest):
    def test_a_certificate_of_ones_own(self):
        server = Server("--tls-self-signed")
        self.assertTrue(server.endpoint.startswith("https://"))
        client = server.client("sts", verify=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.assertEqual(client.get_caller_identity()["Account"], "000000000000")
        self.assertEqual(server.stop(), 0)


class Enforced(ServerTest):
    flags = ("--enforced",)

    def test_an_unknown_key_is_refused(self):
        self.assert_code("UnrecognizedClientException", self.client("rekognition").detect_faces,
                         Image={"Bytes": astronaut()})


class Start(WireTest):
    def refused(self, *flags):
        done = subprocess.run([PROGRAM, "serve", *flags], capture_output=True, encoding="utf-8", timeout=30)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        return done.returncode, done.stderr

    def test_local_mode_stays_on_this_machine(self):
        status, message = self.refused("--listen", "0.0.0.0:0", "--ephemeral")
        self.assertEqual(status, 2)
        self.assertIn("--enforced", message)

    def test_a_port_in_use_is_told(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            status, message = self.refused("--listen", f"127.0.0.1:{taken.getsockname()[1]}", "--ephemeral")
        self.assertEqual(status, 7)
        self.assertIn("in use", message)

    def test_a_port_for_browsers_in_use_is_told(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            status, message = self.refused("--listen", "0", "--public-listen", address, "--ephemeral")
        self.assertEqual(status, 7)
        self.assertIn("--public-listen", message)

    def test_a_folder_in_use_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(data=folder)
            status, message = self.refused("--listen", "0", "--data", folder)
            self.assertEqual(server.stop(), 0)
        self.assertEqual(status, 7)
        self.assertIn(str(server.process.pid), message)

    def test_bad_flags_are_told(self):
        for flags in (("--listen", "nowhere"), ("--account", "12"), ("--tls-key", "key.pem"), ("--log", "loud"),
                      ("--public-url", "apps.example"), ("--public-url", "https://apps.example/shop"),
                      ("--public-listen", "none", "--public-url", "https://apps.example"),
                      ("--public-listen", "none", "--public-listen", "0"), ("--allow-origin", "console.example"),
                      ("--allow-origin", "https://console.example/page"), ("--host", "https://eyes.example")):
            self.assertEqual(self.refused("--ephemeral", *flags)[0], 2, flags)


class End(WireTest):
    def test_nothing_temporary_is_left(self):
        server = Server()
        self.assertEqual(server.stop(), 0)
        with self.assertRaises(FileNotFoundError):
            open(server.started["data"])

    def test_a_request_under_way_is_answered(self):
        server = Server()
        answers = []
        asking = threading.Thread(
            target=lambda: answers.append(server.client("rekognition").detect_faces(Image={"Bytes": astronaut()})))
        asking.start()
        while 'sightline_pool_busy{pool="inference"} 1' not in server.get("/metrics")[1]:
            self.assertTrue(asking.is_alive(), "answered before anybody saw it under way")
        self.assertEqual(server.stop(), 0)
        asking.join()
        self.assertEqual(len(answers[0]["FaceDetails"]), 1)


    def ended(self, server):
        """Seconds from SIGTERM to the end, and what the log said of it."""
        begin = time.monotonic()
        self.assertEqual(server.stop(), 0)
        took = time.monotonic() - begin
        return took, [line for line in Path(server.log.name).read_text().splitlines() if "stopp" in line]

    def test_with_nothing_under_way_it_ends_at_once_and_says_so(self):
        for left in (2, 1, 0):  # a machine that is busy with something else gets three tries
            with tempfile.TemporaryDirectory() as folder:
                # A cache of its own: models are still being compiled then, or some are.
                server = Server(data=f"{folder}/data", log=Path(folder) / "log", env={"SIGHTLINE_CACHE": f"{folder}/cache"})
                client = server.client("s3")
                client.list_buckets()
                address = ("127.0.0.1", int(server.endpoint.rsplit(":", 1)[1]))
                # None of these is a request: a connection that is kept, one that has said nothing, half a head.
                with socket.create_connection(address), socket.create_connection(address) as half:
                    half.sendall(b"PUT /bucket/key HTTP/1.1\r\nHost: ")
                    time.sleep(0.2)
                    took, log = self.ended(server)
                client.close()
            self.assertEqual(log, ["info: stopping: nothing is under way", "info: stopped"])
            if took < 2:
                return
            self.assertGreater(left, 0, f"it took {took} s")

    def test_it_says_what_it_drains_and_waits_no_longer_than_its_grace(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server("--grace", "1", log=Path(folder) / "log")
            client = server.client("s3")
            client.create_bucket(Bucket="slow")
            client.close()
            with socket.create_connection(("127.0.0.1", int(server.endpoint.rsplit(":", 1)[1]))) as slow:
                now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
                slow.sendall(f"PUT /slow/key?secret=1 HTTP/1.1\r\nHost: {server.endpoint[7:]}\r\nContent-Length: 9999\r\n"
                             f"x-amz-date: {now}\r\nx-amz-content-sha256: UNSIGNED-PAYLOAD\r\nAuthorization: AWS4-HMAC-SHA256 "
                             f"Credential=test/{now[:8]}/us-east-1/s3/aws4_request, SignedHeaders=host, "
                             f"Signature={'0' * 64}\r\n\r\nbegin".encode())
                time.sleep(0.5)
                took, log = self.ended(server)
        self.assertTrue(0.9 < took < 4, took)
        self.assertRegex(log[0], r"^info: stopping: up to 1 s for 1 under way: PUT /slow/key of 127.0.0.1, for \d+ s$")
        self.assertEqual(log[1], "info: stopped: 1 not answered")


class Compiling(WireTest):
    """Models that are compiled into the data folder, for want of another place, when the server ends at once."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name, "data")
        self.around = {"SIGHTLINE_CACHE": "", "XDG_CACHE_HOME": "/dev/null/none",
                       "SIGHTLINE_MODELS": f"{ROOT / 'models'}:{CACHE / 'models'}"}

    def files(self):
        return {path: path.stat().st_size for path in self.data.rglob("*") if path.is_file()}

    def given_up(self, process):
        """The files of the folder once it is unlocked, and when the process has ended."""
        lock = self.data / "server.lock"
        end = time.monotonic() + 60
        while not lock.exists() or not lock.read_text():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.001)
        with open(lock, encoding="utf-8") as held:
            while True:
                try:
                    fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    self.assertLess(time.monotonic(), end)
                    time.sleep(0.001)
            unlocked = self.files()
            process.wait(60)
            return unlocked, self.files()

    def test_who_could_not_start_writes_nothing_to_a_folder_that_was_given_up(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            process = subprocess.Popen([PROGRAM, "serve", "--listen", f"127.0.0.1:{taken.getsockname()[1]}",
                                        "--data", self.data], env={**os.environ, **self.around}, stderr=subprocess.DEVNULL)
            unlocked, ended = self.given_up(process)
        self.assertNotEqual(process.returncode, 0)
        self.assertEqual(unlocked, ended)

    def test_nor_does_who_is_stopped(self):
        server = Server("--grace", "0", data=self.data, env=self.around)
        self.addCleanup(server.stop)
        client = server.client("rekognition")

        def ask():
            with contextlib.suppress(Exception):
                client.detect_faces(Image={"Bytes": astronaut()})

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(0.3)  # the request has come, and its models are being compiled
        server.process.terminate()
        unlocked, ended = self.given_up(server.process)
        asking.join()
        self.assertEqual(server.process.returncode, 0)
        self.assertEqual(unlocked, ended)


class Models(WireTest):
    def test_one_that_is_missing_keeps_no_other_from_its_work(self):
        with tempfile.TemporaryDirectory() as folder:
            for manifest in (ROOT / "models").glob("*.toml"):
                if manifest.stem != "ssdlite-coco":
                    shutil.copy(manifest, folder)
            server = Server(env={"SIGHTLINE_MODELS": folder})
            client = server.client("rekognition")
            self.assertEqual(len(client.detect_faces(Image={"Bytes": astronaut()})["FaceDetails"]), 1)
            with self.assertRaises(client.exceptions.InternalServerError):
                client.detect_labels(Image={"Bytes": astronaut()})
            self.assertIn("no model is named", server.get("/healthz")[1])
            self.assertEqual(server.stop(), 0)


class Reset(ServerTest):
    def test_the_door_is_shut_for_pages_here_too(self):
        self.assertEqual(self.server.get("/_sightline/reset", {"Origin": "https://evil.example"}, "POST")[0], 403)

    def test_everything_begins_anew(self):
        self.assertEqual(self.server.get("/_sightline/reset", method="POST")[0], 204)
        self.assertEqual(self.server.get("/healthz")[0], 200)


class FacesInAPicture(ServerTest):
    def test_the_face_is_where_it_is(self):
        answer = self.client("rekognition").detect_faces(Image={"Bytes": astronaut()})
        (face,) = answer["FaceDetails"]
        box = face["BoundingBox"]
        self.assertGreater(face["Confidence"], 95)
        self.assertAlmostEqual(box["Left"] + box["Width"] / 2, 0.44, delta=0.03)
        self.assertAlmostEqual(box["Top"] + box["Height"] / 2, 0.23, delta=0.03)
        eyes = {mark["Type"]: mark for mark in face["Landmarks"]}
        self.assertLess(eyes["eyeLeft"]["X"], eyes["eyeRight"]["X"])

    def test_no_face_is_no_error(self):
        answer = self.client("rekognition").detect_faces(Image={"Bytes": (PICTURES / "coffee.png").read_bytes()})
        self.assertEqual(answer["FaceDetails"], [])

    def test_what_is_no_picture_is_told(self):
        client = self.client("rekognition")
        for code, image in (("InvalidImageFormatException", {"Bytes": b"GIF89a no"}),
                            ("InvalidParameterException", {}),
                            ("InvalidS3ObjectException", {"S3Object": {"Bucket": "nobody", "Name": "nothing"}}),
                            ("ValidationException", {"Bytes": b"\xff" * (5 * 1024 * 1024 + 1)})):
            self.assert_code(code, client.detect_faces, Image=image)


if __name__ == "__main__":
    unittest.main()
