"""POST /_sightline/reset: what runs over what was there ends, and all is empty."""
import socket
import tempfile
import threading
import time
import unittest
from pathlib import Path

from server import Server
from test_video import portrait_clip, start, workers_of

from botocore.exceptions import ClientError  # after server.py, which says where it lies


class Reset(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.stop)
        self.s3 = self.server.client("s3")
        self.s3.create_bucket(Bucket="clips")

    def reset(self):
        self.assertEqual(self.server.get("/_sightline/reset", method="POST")[0], 204)

    def begin_upload(self):
        """A connection on which 5 bytes of an object have come, of 9,999."""
        slow = socket.create_connection(("127.0.0.1", int(self.server.endpoint.rsplit(":", 1)[1])))
        self.addCleanup(slow.close)
        slow.settimeout(20)
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        slow.sendall(f"PUT /clips/slow HTTP/1.1\r\nHost: {self.server.endpoint[7:]}\r\nContent-Length: 9999\r\n"
                     f"x-amz-date: {now}\r\nx-amz-content-sha256: UNSIGNED-PAYLOAD\r\nAuthorization: AWS4-HMAC-SHA256 "
                     f"Credential=test/{now[:8]}/us-east-1/s3/aws4_request, SignedHeaders=host, "
                     f"Signature={'0' * 64}\r\n\r\nbegin".encode())
        self.wait_until(lambda: "sightline_transfers 1" in self.server.get("/metrics")[1])
        return slow

    def wait_until(self, holds, seconds=60):
        end = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def test_nothing_is_left_on_the_disk_of_what_was_there(self):
        with tempfile.TemporaryDirectory() as place:
            server = Server(env={"TMPDIR": place})
            self.addCleanup(lambda: server.process.poll() is None and server.stop())
            for _ in range(5):
                server.client("s3").create_bucket(Bucket="clips")
                self.assertEqual(server.get("/_sightline/reset", method="POST")[0], 204)
            (folder,) = Path(place).iterdir()
            self.wait_until(lambda: [each.name for each in folder.glob("reset-*")] == ["reset-5"], seconds=20)
            server.stop()

    def test_an_upload_under_way_is_refused(self):
        slow = self.begin_upload()
        self.reset()
        slow.sendall(bytes(9994))
        self.assertEqual(slow.recv(12), b"HTTP/1.1 503")
        with self.assertRaises(ClientError):
            self.s3.head_bucket(Bucket="clips")

    def test_a_download_under_way_is_cut_off(self):
        self.s3.put_object(Bucket="clips", Key="large", Body=bytes(64 << 20))
        body = self.s3.get_object(Bucket="clips", Key="large")["Body"]
        self.assertEqual(body.read(1), b"\0")
        self.reset()
        with self.assertRaises(Exception):
            while body.read(1 << 20):
                pass

    def test_a_receiver_gets_none_though_an_upload_goes_on(self):
        """The upload holds on to what was there, so that nothing of it is closed yet."""
        self.begin_upload()
        url = self.server.client("sqs").create_queue(QueueName="q")["QueueUrl"]
        answers = []
        receiving = threading.Thread(target=lambda: answers.append(
            self.server.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)))
        receiving.start()
        self.wait_until(lambda: "sightline_queue_receivers 1" in self.server.get("/metrics")[1])
        begin = time.monotonic()
        self.reset()
        receiving.join()
        self.assertLess(time.monotonic() - begin, 10)
        self.assertNotIn("Messages", answers[0])

    def test_workers_on_videos_end_though_an_upload_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            portrait_clip(Path(folder, "clip.mp4"), 60)
            self.s3.upload_file(str(Path(folder, "clip.mp4")), "clips", "clip.mp4")
        start(self.server.client("rekognition"))
        self.wait_until(lambda: workers_of(self.server))
        self.begin_upload()
        self.reset()
        self.assertEqual(workers_of(self.server), [])
        self.assertIn("sightline_video_jobs_working 0", self.server.get("/metrics")[1])


if __name__ == "__main__":
    unittest.main()
