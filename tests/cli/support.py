"""What the command line's tests share: the program, scratch folders, clips made by ffmpeg."""
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("SIGHTLINE_PROGRAM", ROOT / "build/release/bin/sightline"))
CACHE = Path(os.environ.get("SIGHTLINE_CACHE") or
             Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sightline")
PORTRAIT = CACHE / "demo/astronaut.png"


def ffmpeg(*args):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, args)], check=True, stdin=subprocess.DEVNULL)


def probe(path, *entries):
    """ffprobe's answer as a dictionary."""
    out = subprocess.run(["ffprobe", "-v", "error", "-of", "json", *entries, str(path)], check=True,
                         capture_output=True).stdout
    return json.loads(out)


def frame_times(path):
    frames = probe(path, "-select_streams", "v:0", "-show_entries", "frame=pts")["frames"]
    return [frame["pts"] for frame in frames]


def stream_hash(path, selector):
    """Hash of a stream's packets, undecoded."""
    return subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-map", selector, "-c", "copy", "-f", "streamhash",
                           "-"], check=True, capture_output=True).stdout.decode()


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def iou(a, b):
    """Intersection over union of two [x, y, width, height]."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    common = max(0, width) * max(0, height)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


class CliTest(unittest.TestCase):
    """Each test has a scratch folder, self.folder."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sightline-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_program(self, *args, status=0, stdin=None, env=None):
        """Runs the program; fails the test when it ends with another exit status."""
        done = subprocess.run([str(PROGRAM), *map(str, args)], input=stdin, capture_output=True,
                              env={**os.environ, **(env or {})}, timeout=300)
        stderr = done.stderr.decode(errors="replace")
        self.assertEqual(done.returncode, status, f"{args}: {stderr}")
        return done.stdout, stderr

    def portrait_clip(self, name="clip.mp4", seconds=2, size="640x360", rate=25, audio=True, codec=("-c:v", "libx264")):
        """A camera that drifts over the portrait; with a tone."""
        out = self.folder / name
        sound = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"] if audio else []
        frames = int(seconds * rate)
        ffmpeg("-loop", 1, "-framerate", rate, "-i", PORTRAIT, *sound, "-vf",
               f"scale=-2:720,pad=1280:720:(ow-iw)/2:0,crop=640:360:'200+n*80/{frames}':'0+n*60/{frames}',scale={size.replace('x', ':')}",
               "-frames:v", frames, *codec, "-pix_fmt", "yuv420p", "-shortest", out)
        return out

    @staticmethod
    def outputs(folder):
        """The names of what lies in a folder of outputs, without the record of how they were made."""
        return sorted(p.name for p in folder.rglob("*") if p.is_file() and p.name != ".sightline-done")

    def files(self):
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*"))
