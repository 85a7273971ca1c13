"""What the server has in memory, by the kernel's count."""
import io
import unittest

from server import ServerTest

MIB = 1 << 20


class Memory(ServerTest):
    def most(self):
        """So far, in KiB."""
        with open(f"/proc/{self.server.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    def test_large_objects_pass_in_constant_memory(self):
        s3 = self.client("s3")
        s3.create_bucket(Bucket="large")
        size = 96 * MIB
        s3.put_object(Bucket="large", Key="large", Body=io.BytesIO(bytes(size)))
        before = self.most()
        s3.put_object(Bucket="large", Key="larger", Body=io.BytesIO(bytes(2 * size)))
        self.assertEqual(len(s3.get_object(Bucket="large", Key="larger")["Body"].read()), 2 * size)
        self.assertLess(self.most() - before, 16 * 1024, "KiB of memory grew with the object")


if __name__ == "__main__":
    unittest.main()
