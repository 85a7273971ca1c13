"""Pictures and clips through pipes: standard input, standard output and their like."""
import json
import os
import resource
import shutil
import signal
import subprocess
import unittest

from support import PORTRAIT, PROGRAM, CliTest, ffmpeg, frame_times, sha256


class Pipes(CliTest):
    def setUp(self):
        super().setUp()
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        self.environment = {**os.environ, "TMPDIR": str(self.temporary)}

    def shell(self, command, status=0):
        """Runs a line of bash with $S as the program; fails the test when it ends with another exit status."""
        done = subprocess.run(["bash", "-c", "set -o pipefail; " + command], capture_output=True, cwd=self.folder,
                              env={**self.environment, "S": str(PROGRAM)}, timeout=300)
        self.assertEqual(done.returncode, status, f"{command}: {done.stderr.decode(errors='replace')}")
        self.assertEqual(list(self.temporary.iterdir()), [], "nothing stays in the temporary folder")
        return done.stdout, done.stderr.decode(errors="replace")

    def test_a_clip_through_pipes_is_what_it_is_through_files(self):
        clip = self.portrait_clip("c.mp4", seconds=1)
        self.run_program("blur", clip, "-o", self.folder / "files.mp4")
        expected = sha256(self.folder / "files.mp4")
        _, err = self.shell("cat c.mp4 | $S blur - -o x.mp4")
        self.assertIn("standard input -> x.mp4: 25 frames, 1 face track", err)
        self.assertNotIn("/proc", err)
        self.assertEqual(sha256(self.folder / "x.mp4"), expected)
        out, _ = self.shell("$S blur c.mp4 -o -")
        (self.folder / "y.mp4").write_bytes(out)
        self.assertEqual(sha256(self.folder / "y.mp4"), expected)
        out, _ = self.shell("cat c.mp4 | $S blur - | cat")
        (self.folder / "z.mp4").write_bytes(out)
        self.assertEqual(sha256(self.folder / "z.mp4"), expected)
        self.shell("$S blur /dev/stdin < c.mp4 -o w.mp4 && $S blur <(cat c.mp4) -o v.mp4")
        self.assertEqual({sha256(self.folder / name) for name in ("w.mp4", "v.mp4")}, {expected})
        self.assertEqual(self.files(), ["c.mp4", "files.mp4", "tmp", "v.mp4", "w.mp4", "x.mp4", "y.mp4", "z.mp4"])

    def test_detect_reads_a_clip_and_a_picture_from_a_pipe(self):
        clip = self.portrait_clip("c.mp4", seconds=0.4)
        piped, _ = self.shell("cat c.mp4 | $S detect - --json")
        self.assertEqual(piped, self.run_program("detect", clip, "--json")[0])
        self.assertEqual(len([json.loads(line) for line in piped.splitlines()]), 10)
        shutil.copy(PORTRAIT, self.folder / "p.png")
        picture = json.loads(self.shell("cat p.png | $S detect /dev/stdin --json")[0])
        self.assertEqual((picture["file"], len(picture["faces"])), ("standard input", 1))

    def test_pictures_go_to_streams_too(self):
        shutil.copy(PORTRAIT, self.folder / "p.png")
        self.run_program("blur", self.folder / "p.png", "-o", self.folder / "files.png")
        expected = (self.folder / "files.png").read_bytes()
        self.assertEqual(self.shell("$S blur p.png -o -")[0], expected)
        self.assertEqual(self.shell("cat p.png | $S blur - -o /dev/stdout | cat")[0], expected)
        self.shell("$S blur p.png -o /dev/null")
        self.shell("mkfifo f; cat f > got.png & $S blur p.png -o f; wait")
        self.assertEqual((self.folder / "got.png").read_bytes(), expected)

    def test_what_cannot_be_understood_is_said(self):
        shutil.copy(PORTRAIT, self.folder / "p.png")
        (self.folder / "dir").mkdir()
        for command, words, status in (("$S blur - p.png < p.png", "one input", 2),
                                       ("$S blur p.png dir -o -", "one input", 2),
                                       ("$S blur dir -o -", "no folder", 2),
                                       ("cat p.png | $S blur - -o dir", "a folder", 2),
                                       ("$S blur p.png --json -o -", "--report", 2),
                                       (": | $S blur -", "'standard input' is empty", 5),
                                       ("echo text | $S blur -", "standard input", 5)):
            out, err = self.shell(command, status)
            self.assertIn(words, err, command)
            self.assertEqual((out, err.count("\n")), (b"", 1), command)

    def test_a_reader_that_goes_away_is_an_error_that_leaves_nothing(self):
        self.portrait_clip("c.mp4", seconds=1)
        _, err = self.shell("$S blur c.mp4 -o - --crf 1 | head -c 10 >/dev/null; exit ${PIPESTATUS[0]}", 6)
        self.assertIn("standard output", err)

    def test_a_stopped_or_killed_run_leaves_nothing_for_long(self):
        self.portrait_clip("c.mp4", seconds=9.2)
        arguments = [str(PROGRAM), "blur", str(self.folder / "c.mp4"), "-o", "-", "--chunk-frames", "64"]
        for number, left in ((signal.SIGINT, 0), (signal.SIGKILL, 1)):
            process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=self.environment)
            while not list(self.temporary.iterdir()):
                self.assertIsNone(process.poll())
            process.send_signal(number)
            process.communicate(timeout=60)
            self.assertEqual(len(list(self.temporary.iterdir())), left, number)
        # The next one clears up behind the killed one.
        ffmpeg("-i", self.folder / "c.mp4", "-t", 0.2, "-c", "copy", self.folder / "short.mp4")
        self.shell("$S blur short.mp4 -o - > s.mp4")
        self.assertGreater(len(frame_times(self.folder / "s.mp4")), 0)


class FileSizeLimit(CliTest):
    """ulimit -f: an error as on a full disk, with nothing left behind."""

    def limited(self, limit, *args, stdin=None):
        return subprocess.run([str(PROGRAM), *map(str, args)], capture_output=True, timeout=300, input=stdin,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))

    def test_what_becomes_too_large_is_refused_in_words(self):
        shutil.copy(PORTRAIT, self.folder / "p.png")
        clip = self.portrait_clip(seconds=1)
        for source, flags in (("p.png", []), (clip.name, ["--no-resume", "--crf", "1"])):
            before = self.files()
            done = self.limited(20_000, "blur", self.folder / source, "-q", *flags)
            err = done.stderr.decode()
            self.assertEqual(done.returncode, 6, err)
            self.assertIn("ulimit -f", err)
            self.assertEqual(err.count("\n"), 1, err)
            self.assertEqual(self.files(), before)

    def test_what_does_not_fit_of_a_pipe_is_named(self):
        done = self.limited(20_000, "blur", "-", "-o", self.folder / "x.png", "-q", stdin=PORTRAIT.read_bytes())
        self.assertEqual(done.returncode, 6)
        self.assertIn(b"cannot write 'the copy of standard input in memory': File too large", done.stderr)
        done = self.limited(20_000, "blur", "-", "-o", self.folder / "x.mp4", "-q", stdin=bytes(70 << 20))
        self.assertEqual(done.returncode, 6)
        self.assertIn(f"cannot write 'the copy of standard input in {self.folder}': File too large".encode(), done.stderr)
        self.assertEqual(self.files(), [])


if __name__ == "__main__":
    unittest.main()
