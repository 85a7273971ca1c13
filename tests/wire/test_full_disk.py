"""A disk that is full while the server runs on it: each kind of write is refused in words that SDKs understand,
nothing that was acknowledged is lost, nothing is there by half, reads go on, and once there is room all is well.

A small file system is mounted in a namespace of the server's own; where the kernel grants none, this is skipped.
"""
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from server import PICTURES, Server
from test_video import Clips, start, wait_for

OWN_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
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

    def fill(self):
        with open(self.inside / "filler", "wb", buffering=0) as filler:
            for size in (1 << 20, 1 << 12):
                try:
                    while True:
                        filler.write(bytes(size))
                except OSError:
                    pass

    def make_room(self):
        (self.inside / "filler").unlink()

    def blobs(self):
        return [path for path in (self.inside / "blobs").rglob("*") if path.is_file()]


@unittest.skipUnless(can_mount(), "no mounts allowed here")
class FullDisk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.disk = SmallDisk(cls.folder.name)
        cls.server = cls.disk.server
        cls.addClassCleanup(lambda: cls.server.stop())

    def test_explore(self):
        s3 = self.server.client("s3"); sqs=self.server.client("sqs"); rek=self.server.client("rekognition"); iam=self.server.client("iam"); sts=self.server.client("sts")
        Clips.put_into(self.server)
        s3.put_object(Bucket="clips", Key="a", Body=b"x"*100000)
        s3.put_object(Bucket="clips", Key="pic.png", Body=astronaut())
        up = s3.create_multipart_upload(Bucket="clips", Key="big")["UploadId"]
        p1 = s3.upload_part(Bucket="clips", Key="big", UploadId=up, PartNumber=1, Body=b"y"*1000)
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="one")
        rek.create_collection(CollectionId="c")
        face=rek.index_faces(CollectionId="c", Image={"Bytes": astronaut()})["FaceRecords"][0]["Face"]["FaceId"]
        iam.create_user(UserName="u")
        before=len(self.disk.blobs())
        self.disk.fill()
        def t(name, f, *a, **k):
            begin=time.time()
            try:
                r=f(*a, **k); print(name, "OK", str(r)[:150], round(time.time()-begin,2))
            except Exception as e:
                print(name, type(e).__name__, e, round(time.time()-begin,2))
        for turn in range(2):
            t("put", s3.put_object, Bucket="clips", Key="b", Body=b"z"*2000000)
            t("put over", s3.put_object, Bucket="clips", Key="a", Body=b"z"*2000000)
            t("put small", s3.put_object, Bucket="clips", Key="c", Body=b"z")
            t("part", s3.upload_part, Bucket="clips", Key="big", UploadId=up, PartNumber=2, Body=b"z"*200000)
            t("complete", s3.complete_multipart_upload, Bucket="clips", Key="big", UploadId=up, MultipartUpload={"Parts":[{"PartNumber":1,"ETag":p1["ETag"]}]})
            t("bucket", s3.create_bucket, Bucket="more")
            t("copy", s3.copy_object, Bucket="clips", Key="copied", CopySource="clips/a")
            t("send", sqs.send_message, QueueUrl=url, MessageBody="two"*10000)
            t("queue", sqs.create_queue, QueueName="q2")
            t("receive", sqs.receive_message, QueueUrl=url)
            t("index", rek.index_faces, CollectionId="c", Image={"Bytes": astronaut()})
            t("deletef", rek.delete_faces, CollectionId="c", FaceIds=[face])
            t("coll", rek.create_collection, CollectionId="d")
            t("video", start, rek, "clip.mp4")
            t("user", iam.create_user, UserName="v")
            t("key", iam.create_access_key, UserName="u")
            t("session", sts.get_session_token)
            t("get", s3.get_object, Bucket="clips", Key="a")
            t("list", s3.list_objects_v2, Bucket="clips")
            t("search", rek.search_faces, CollectionId="c", FaceId=face)
            t("users", iam.list_users)
            t("detect", rek.detect_faces, Image={"S3Object":{"Bucket":"clips","Name":"pic.png"}})
            t("delete", s3.delete_object, Bucket="clips", Key="a")
        print(before, len(self.disk.blobs()))
        self.disk.make_room()
        t("put", s3.put_object, Bucket="clips", Key="b", Body=b"z"*2000000)
        t("send", sqs.send_message, QueueUrl=url, MessageBody="two"*10000)
        t("index", rek.index_faces, CollectionId="c", Image={"Bytes": astronaut()})
        t("user", iam.create_user, UserName="v")
        j=start(rek,"clip.mp4")
        print(wait_for(rek,j)["JobStatus"])
        print(self.disk.log.read_text())


if __name__ == "__main__":
    unittest.main()
