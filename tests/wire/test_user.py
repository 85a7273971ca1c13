"""A server that was started by root and became another user."""
import os
import pwd
import subprocess
import tempfile
import unittest
from pathlib import Path

from server import PICTURES, PROGRAM, Server, WireTest
from test_video import Clips, start, wait_for

USER = "nobody"  # has no home


@unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
class AnotherUser(WireTest):
    @classmethod
    def setUpClass(cls):
        """What was built may lie where root alone can read it."""
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        os.chmod(place.name, 0o755)  # noqa: S103  the other user has to get through
        cls.place = Path(place.name)
        subprocess.run(["cmake", "--install", PROGRAM.parents[1], "--prefix", cls.place / "installed"], check=True,
                       stdout=subprocess.DEVNULL)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=self.place)
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)  # noqa: S103
        self.folder = Path(folder.name)
        (self.folder / "home").mkdir(mode=0o700)  # as root's usually is
        for name in ("data", "cache"):
            (self.folder / name).mkdir(mode=0o700)
            os.chown(self.folder / name, pwd.getpwnam(USER).pw_uid, -1)

    def serve(self, env=None, **more):
        # Whoever runs the tests may have named a folder, which would count before all others.
        env = {"HOME": str(self.folder / "home"), "SIGHTLINE_CACHE": "", **(env or {})}
        server = Server("--user", USER, env=env,
                        program=self.place / "installed/bin/sightline", **more)
        self.addCleanup(lambda: server.process.poll() is None and server.stop())
        return server

    def compile_for_a_job(self, server, cache):
        """Carries out a job; returns what the cache holds then, and how much of it is the job's own."""
        Clips.put_into(server)
        client = server.client("rekognition")
        client.detect_faces(Image={"Bytes": (PICTURES / "astronaut.png").read_bytes()})
        before = set(cache.rglob("*.blob"))
        answer = wait_for(client, start(client))
        self.assertEqual(answer["JobStatus"], "SUCCEEDED", answer.get("StatusMessage"))
        after = set(cache.rglob("*.blob"))
        self.assertGreaterEqual(len(after - before), 2, "a session for each of the clip's passes")
        return after

    def test_what_a_job_compiles_lies_in_the_data_folder_for_the_next_one(self):
        data = self.folder / "data"
        server = self.serve(data=data)
        compiled = self.compile_for_a_job(server, data / "compiled")
        self.assertEqual({blob.stat().st_uid for blob in compiled}, {pwd.getpwnam(USER).pw_uid})
        self.assertEqual((data / "compiled").stat().st_mode & 0o777, 0o700)
        self.assertEqual(server.stop(), 0)
        client = self.serve(data=data).client("rekognition")
        self.assertEqual(wait_for(client, start(client))["JobStatus"], "SUCCEEDED")
        self.assertEqual(set((data / "compiled").rglob("*.blob")), compiled)

    def test_a_folder_that_is_named_is_used_where_that_user_may_write(self):
        cache = self.folder / "cache"
        self.compile_for_a_job(self.serve(data=self.folder / "data", env={"XDG_CACHE_HOME": str(cache)}),
                               cache / "sightline/compiled")
        self.assertFalse((self.folder / "data/compiled").exists())

    def test_nothing_is_left_of_what_was_to_be_kept_nowhere(self):
        server = self.serve()
        data = Path(server.started["data"])
        self.compile_for_a_job(server, data / "compiled")
        self.assertEqual(server.stop(), 0)
        self.assertFalse(data.exists())
        # At once, while models are still being compiled.
        server = self.serve()
        self.assertEqual(server.stop(), 0)
        self.assertFalse(Path(server.started["data"]).exists())


if __name__ == "__main__":
    unittest.main()
