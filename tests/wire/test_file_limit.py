"""A server under a limit on the size of files (ulimit -f) refuses what would exceed it, as on a full disk, and lives."""
import tempfile
import unittest
from pathlib import Path

from server import Server, WireTest

from botocore.exceptions import ClientError  # noqa: E402  (server.py says where it lies)

LIMIT = 4096  # blocks of 512 bytes: 2 MiB


class FileLimit(WireTest):
    def test_what_would_be_too_large_is_refused_and_the_rest_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder, "data")
            data.mkdir(mode=0o700)
            server = Server(data=data, around=["sh", "-c", f'ulimit -f {LIMIT}; exec "$@"', "sh"])
            self.addCleanup(lambda: server.process.poll() is None and server.kill())
            s3 = server.client("s3")
            s3.create_bucket(Bucket="limited")
            with self.assertRaises(ClientError) as caught:
                s3.put_object(Bucket="limited", Key="large", Body=bytes(3 << 20))
            answer = caught.exception.response
            self.assertEqual((answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]),
                             (507, "InsufficientStorage"))
            s3.put_object(Bucket="limited", Key="small", Body=b"s")
            self.assertEqual(s3.get_object(Bucket="limited", Key="small")["Body"].read(), b"s")
            self.assertEqual([entry["Key"] for entry in s3.list_objects_v2(Bucket="limited")["Contents"]], ["small"])
            self.assertEqual(len([path for path in (data / "blobs").rglob("*") if path.is_file()]), 1)
            server.kill()


if __name__ == "__main__":
    unittest.main()
