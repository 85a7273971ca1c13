"""Disks that are full or may not be written, and runs killed again and again: nothing half-done may be left
under the output's name, nothing that was there may be lost, and what is said must name the remedy.

Small file systems are mounted in namespaces of the tests' own; where the kernel grants none, those tests are
skipped.
"""

import os
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cli"))
from support import PROGRAM, CliTest  # noqa: E402

OWN_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def can_mount():
    return subprocess.run([*OWN_NAMESPACE, "sh", "-c", "mount -t tmpfs none /mnt"], capture_output=True,
                          check=False).returncode == 0


class Disks(CliTest):
    def blur_onto(self, mount, *arguments):
        """Blurs a clip onto a file system mounted by `mount` at /mnt; returns status, stderr, what is there."""
        clip = self.portrait_clip(seconds=4, size="1280x720")
        script = f'{mount}; "$@"; status=$?; ls -A /mnt >&3; exit $status'
        listing = self.folder / "listing"
        with listing.open("w") as sink:
            done = subprocess.run([*OWN_NAMESPACE, "sh", "-c", f"exec 3>&1; ({script}) >/dev/null", "sh", str(PROGRAM), "blur",
                                   str(clip), "-o", "/mnt/out.mp4", *arguments],
                                  stdout=sink, stderr=subprocess.PIPE, text=True, check=False, timeout=300)
        return done.returncode, done.stderr, listing.read_text().split()

    @unittest.skipUnless(can_mount(), "no mounts allowed here")
    def test_a_full_disk(self):
        for arguments in ([], ["--no-resume"]):
            status, errors, left = self.blur_onto("mount -t tmpfs -o size=200k none /mnt", *arguments)
            self.assertEqual(status, 6, errors)
            self.assertIn("No space left on device; free some space", errors)
            self.assertNotIn("out.mp4", left)

    @unittest.skipUnless(can_mount(), "no mounts allowed here")
    def test_a_full_disk_keeps_what_was_there(self):
        mount = "mount -t tmpfs -o size=200k none /mnt; echo precious >/mnt/out.mp4"
        script = f'{mount}; "$@"; cat /mnt/out.mp4'
        clip = self.portrait_clip(seconds=4, size="1280x720")
        done = subprocess.run([*OWN_NAMESPACE, "sh", "-c", script, "sh", str(PROGRAM), "blur", str(clip), "--force",
                               "-o", "/mnt/out.mp4"], capture_output=True, text=True, check=False, timeout=300)
        self.assertTrue(done.stdout.endswith("precious\n"), done.stdout + done.stderr)

    @unittest.skipUnless(can_mount(), "no mounts allowed here")
    def test_a_read_only_disk_is_told_before_the_work(self):
        begin = time.monotonic()
        status, errors, left = self.blur_onto("mount -t tmpfs -o ro none /mnt")
        self.assertEqual(status, 6, errors)
        self.assertEqual(left, [])
        self.assertLess(len(errors.strip().splitlines()), 3, errors)
        self.assertLess(time.monotonic() - begin, 60)


class Killed(CliTest):
    def test_killed_at_many_moments_the_result_is_the_same(self):
        clip = self.portrait_clip(seconds=14, size="640x360")
        whole = self.folder / "whole.mp4"
        begin = time.monotonic()
        self.run_program("blur", clip, "-o", whole, "--chunk-frames", 64)
        length = time.monotonic() - begin
        out = self.folder / "out.mp4"
        kills = 0
        for attempt in range(12):
            process = subprocess.Popen([str(PROGRAM), "blur", str(clip), "-o", str(out), "--chunk-frames", "64"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=length * (0.15 + 0.07 * attempt))
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
                self.assertFalse(out.exists(), "an output under its final name before it is whole")
        self.assertGreater(kills, 0)
        if not out.exists():
            self.run_program("blur", clip, "-o", out, "--chunk-frames", 64)
        self.assertEqual(out.read_bytes(), whole.read_bytes())
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith(".")], [])


if __name__ == "__main__":
    unittest.main()
