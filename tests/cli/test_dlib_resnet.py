"""tools/models/dlib_resnet.py: what the program makes is what the manifest pins; what is damaged is refused."""

import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("SIGHTLINE_CACHE") or
             Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sightline")
SOURCE = CACHE / "sources/dlib_face_recognition_resnet_model_v1.dat"
PROGRAM = ROOT / "tools/models/dlib_resnet.py"
sys.dont_write_bytecode = True
sys.path.insert(0, str(PROGRAM.parent))

import dlib_resnet  # noqa: E402


class Converter(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.target = self.folder / "made.onnx"

    def convert(self, source):
        return subprocess.run([sys.executable, "-B", str(PROGRAM), str(source), str(self.target)], capture_output=True,
                              text=True, check=False)

    def test_the_result_is_the_one_that_the_manifest_pins(self):
        done = self.convert(SOURCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        pinned = re.search(r'^sha256 = "([0-9a-f]{64})"', (ROOT / "models/dlib-resnet.toml").read_text(), re.MULTILINE)
        self.assertEqual(hashlib.sha256(self.target.read_bytes()).hexdigest(), pinned[1])

    def test_another_file_is_refused_and_nothing_is_left(self):
        other = self.folder / "other.dat"
        data = bytearray(SOURCE.read_bytes())
        data[1000] ^= 1
        other.write_bytes(data)
        done = self.convert(other)
        self.assertEqual(done.returncode, 1)
        self.assertIn("SHA-256", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertFalse(self.target.exists())

    def test_no_damage_gets_past_the_checks_as_anything_but_damage(self):
        """The structure is checked also where the hash is not: cut short, and with bytes changed at its beginning."""
        data = SOURCE.read_bytes()
        chance = random.Random(1)
        for _ in range(150):
            damaged = bytearray(data[:20_000] if chance.random() < 0.5 else data[:chance.randrange(20_000)])
            for _ in range(chance.randrange(4)):
                damaged[chance.randrange(max(1, min(400, len(damaged))))] = chance.randrange(256)
            with self.assertRaises(dlib_resnet.Damaged):
                dlib_resnet.Converter(dlib_resnet.Reader(bytes(damaged))).convert()


if __name__ == "__main__":
    unittest.main()
