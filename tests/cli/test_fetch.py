"""packaging/fetch.py: what is unpacked, what is refused, and that a second run needs no network."""

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Fetch(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.wheels = self.folder / "wheels"
        self.cache = self.folder / "cache"
        self.packaging = self.folder / "packaging"
        for folder in (self.wheels, self.cache, self.packaging):
            folder.mkdir()
        shutil.copy(ROOT / "packaging/fetch.py", self.packaging)
        (self.packaging / "conversions.txt").write_text("")
        (self.packaging / "contents.txt").write_text(
            "some-thing  pkg/*.bin        pkg/  models\nsome-thing  !pkg/skip.bin    -     -\n")

    def offer(self, version, files):
        """Puts a wheel where pip looks, and returns its pin."""
        wheel = self.wheels / f"some_thing-{version}-py3-none-any.whl"
        info = f"some_thing-{version}.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: some-thing\nVersion: {version}\n")
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
        return f"some-thing=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"

    def fetch(self, pin):
        (self.packaging / "python-packages.txt").write_text(pin + "\n")
        return subprocess.run(
            ["/usr/bin/python3", str(self.packaging / "fetch.py"), str(self.cache)], capture_output=True, text=True, check=False,
            env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull})

    def contents(self):
        return sorted(str(path.relative_to(self.cache)) for path in self.cache.rglob("*")
                      if path.is_file() and not path.relative_to(self.cache).parts[0].startswith("."))

    def test_takes_what_contents_names_and_no_more(self):
        done = self.fetch(self.offer("1.0", {"pkg/a.bin": "a", "pkg/skip.bin": "s", "pkg/code.py": "c"}))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.contents(), ["models/a.bin"])

    def test_a_second_run_needs_no_network(self):
        pin = self.offer("1.0", {"pkg/a.bin": "a"})
        self.fetch(pin)
        shutil.rmtree(self.wheels)
        self.assertEqual(self.fetch(pin).returncode, 0)

    def test_a_lost_file_is_fetched_again(self):
        pin = self.offer("1.0", {"pkg/a.bin": "a"})
        self.fetch(pin)
        (self.cache / "models/a.bin").unlink()
        self.assertEqual(self.fetch(pin).returncode, 0)
        self.assertEqual(self.contents(), ["models/a.bin"])

    def test_a_wheel_with_another_hash_is_refused(self):
        pin = self.offer("1.0", {"pkg/a.bin": "a"})
        self.offer("1.0", {"pkg/a.bin": "tampered with"})
        done = self.fetch(pin)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.contents(), [])

    def test_a_new_version_replaces_the_old_and_leaves_others_files_alone(self):
        self.fetch(self.offer("1.0", {"pkg/a.bin": "a", "pkg/old.bin": "o"}))
        (self.cache / "models/mine.onnx").write_text("mine")
        self.assertEqual(self.fetch(self.offer("2.0", {"pkg/a.bin": "A", "pkg/new.bin": "n"})).returncode, 0)
        self.assertEqual(self.contents(), ["models/a.bin", "models/mine.onnx", "models/new.bin"])
        self.assertEqual((self.cache / "models/a.bin").read_text(), "A")

    def test_no_network_says_what_to_do(self):
        done = self.fetch("some-thing==3.0 --hash=sha256:" + "0" * 64)
        self.assertEqual(done.returncode, 1)
        self.assertIn("check the network", done.stderr)

    def test_a_source_archive_is_unpacked_like_a_wheel(self):
        with tarfile.open(self.wheels / "some-thing-1.0.tar.gz", "w:gz") as archive:
            for name, text in (("setup.py", "from setuptools import setup\nsetup(name='some-thing', version='1.0')\n"),
                               ("PKG-INFO", "Metadata-Version: 1.0\nName: some-thing\nVersion: 1.0\n"),
                               ("pkg/a.bin", "a"), ("pkg/skip.bin", "s")):
                entry = tarfile.TarInfo(f"some-thing-1.0/{name}")
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text.encode()))
        (self.packaging / "contents.txt").write_text("some-thing some-thing-1.0/pkg/a.bin some-thing-1.0/pkg/ models\n")
        digest = hashlib.sha256((self.wheels / "some-thing-1.0.tar.gz").read_bytes()).hexdigest()
        done = self.fetch(f"some-thing==1.0 --hash=sha256:{digest} # source archive")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.contents(), ["models/a.bin"])

    def test_a_path_that_leads_outside_is_refused(self):
        done = self.fetch(self.offer("1.0", {"pkg/../../../evil.bin": "e"}))
        self.assertEqual(done.returncode, 1)
        self.assertIn("leads outside", done.stderr)


if __name__ == "__main__":
    unittest.main()
