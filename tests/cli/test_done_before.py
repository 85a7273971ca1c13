"""Runs over many inputs that are started again: what counts as done, and what never does."""
import json
import os
import shutil
import subprocess
import unittest
from pathlib import Path

from support import PORTRAIT, PROGRAM, CliTest, ffmpeg, sha256


class DoneBefore(CliTest):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "out"
        for name in ("a1", "a2"):
            (self.folder / name).mkdir()
        self.picture = self.folder / "a1/p.png"
        shutil.copy(PORTRAIT, self.picture)

    def counts(self, *args, status=0):
        out, err = self.run_program("blur", *args, "-o", self.out, "--json", status=status)
        return (err.splitlines() or [""])[-1], err, [json.loads(line) for line in out.splitlines()]

    def test_another_input_of_the_same_output_name_is_named_and_never_taken_for_done(self):
        clip = self.portrait_clip("c.mp4", seconds=0.4, audio=False)
        ffmpeg("-i", clip, "-c:v", "wmv2", self.folder / "a1/v.wmv")
        ffmpeg("-i", clip, "-c", "copy", self.folder / "a2/v.flv")
        self.run_program("blur", self.folder / "a1", "-o", self.out)
        self.assertEqual(self.outputs(self.out), ["p.png", "v.mkv"])
        before = sha256(self.out / "v.mkv")
        _, err, lines = self.counts(self.folder / "a2", status=3)
        for words in ("out/v.mkv' exists already", "was made from '" + str(self.folder / "a1/v.wmv"),
                      "not from '" + str(self.folder / "a2/v.flv"), "--force"):
            self.assertIn(words, err)
        self.assertEqual([line["status"] for line in lines], ["failed"])
        _, err = self.run_program("blur", self.folder / "a2/v.flv", "-o", self.out, status=6)
        self.assertIn("not from '" + str(self.folder / "a2/v.flv"), err)
        self.assertEqual(sha256(self.out / "v.mkv"), before)
        self.assertEqual(self.counts(self.folder / "a2", "--force")[0], "1 done, 0 done before, 0 failed")
        self.assertEqual(self.counts(self.folder / "a2")[0], "0 done, 1 done before, 0 failed")

    def test_one_input_alone_is_done_before_too(self):
        self.run_program("blur", self.picture, "-o", f"{self.out}/")
        before = sha256(self.out / "p.png")
        out, err = self.run_program("blur", self.picture, "-o", f"{self.out}/", "--json")
        self.assertEqual(json.loads(out)["status"], "done before")
        self.assertIn("done before", err)
        self.assertEqual(self.run_program("blur", self.picture, "-o", self.out, "--quiet"), (b"", ""))
        self.assertEqual(sha256(self.out / "p.png"), before)
        self.assertIn("other settings", self.run_program("blur", self.picture, "-o", self.out, "--style", "solid", status=6)[1])
        # An output that is named itself is nothing that a record lists.
        self.run_program("blur", self.picture, "-o", self.out / "p.png", status=6)

    def test_the_same_input_with_other_settings_is_not_done(self):
        region = ("--region", "0,0,9,9")
        self.run_program("blur", self.folder / "a1", "-o", self.out, *region)
        self.assertEqual(self.counts(self.folder / "a1", *region, "--quiet", "--threads", 1)[2][0]["status"], "done before")
        for other in ((), (*region, "--style", "solid"), (*region, "--keep", PORTRAIT), (*region, "--metadata", "keep")):
            last, err, _ = self.counts(self.folder / "a1", *other, status=3)
            self.assertEqual(last, "0 done, 0 done before, 1 failed")
            self.assertIn("with other settings", err)

    def test_a_changed_input_is_not_done_and_a_touched_one_is(self):
        self.run_program("blur", self.folder / "a1", "-o", self.out)
        os.utime(self.picture, (1, 1))
        self.assertEqual(self.counts(self.folder / "a1")[0], "0 done, 1 done before, 0 failed")
        ffmpeg("-i", PORTRAIT, "-vf", "hflip", self.picture)
        os.utime(self.picture, (1, 1))  # older than its output all the same
        _, err, _ = self.counts(self.folder / "a1", status=3)
        self.assertIn("before that changed", err)

    def test_a_file_that_came_from_elsewhere_is_not_done(self):
        self.out.mkdir()
        shutil.copy(PORTRAIT, self.out / "p.png")  # clear, and newer than the input
        _, err, _ = self.counts(self.folder / "a1", status=3)
        self.assertIn("nothing tells that it was made from", err)
        self.assertEqual(sha256(self.out / "p.png"), sha256(PORTRAIT))

    def test_what_writes_nothing_is_never_done_before(self):
        self.run_program("blur", self.folder / "a1", "-o", self.out)
        self.assertEqual(self.counts(self.folder / "a1", "--style", "none")[0], "1 done, 0 done before, 0 failed")

    def test_inputs_that_would_share_an_output_fail_and_the_others_are_done(self):
        clip = self.portrait_clip("c.mp4", seconds=0.4, audio=False)
        ffmpeg("-i", clip, "-c:v", "wmv2", self.folder / "a1/x.wmv")
        ffmpeg("-i", clip, "-c", "copy", self.folder / "a1/x.flv")
        last, err, lines = self.counts(self.folder / "a1", status=3)
        self.assertEqual(last, "1 done, 0 done before, 2 failed")
        self.assertEqual({Path(line["input"]["path"]).name: line["status"] for line in lines},
                         {"x.flv": "failed", "x.wmv": "failed", "p.png": "done"})
        self.assertIn("would both be written to '" + str(self.out / "x.mkv"), err)
        self.assertIn("rename one of them", err)
        self.assertEqual(self.outputs(self.out), ["p.png"])

    def test_a_record_that_is_a_pipe_is_named_and_nothing_is_done_before(self):
        self.run_program("blur", self.folder / "a1", "-o", self.out)
        (self.out / ".sightline-done").unlink()
        os.mkfifo(self.out / ".sightline-done")
        before = sha256(self.out / "p.png")
        last, err, _ = self.counts(self.folder / "a1", status=3)
        self.assertEqual(last, "0 done, 0 done before, 1 failed")
        self.assertIn("warning: '" + str(self.out / ".sightline-done") + "' is no file", err)
        self.assertEqual(sha256(self.out / "p.png"), before)
        _, err, _ = self.counts(self.folder / "a1", "--force")
        self.assertIn("the next run will not know it for done", err)

    def test_a_side_file_that_is_missing_is_written(self):
        self.picture.unlink()
        self.portrait_clip("a1/c.mp4", seconds=0.4, audio=False)
        self.run_program("blur", self.folder / "a1", "-o", self.out)
        tracks, review = self.folder / "t.json", self.folder / "r.html"
        for flag, file in (("--tracks", tracks), ("--review", review)):
            self.assertEqual(self.counts(self.folder / "a1", flag, file)[0], "1 done, 0 done before, 0 failed")
            self.assertGreater(file.stat().st_size, 100)
            self.assertEqual(self.counts(self.folder / "a1", flag, file)[0], "0 done, 1 done before, 0 failed")
        tracks.unlink()
        (self.out / "c.mp4").write_bytes(b"another's")
        self.counts(self.folder / "a1", "--tracks", tracks, status=3)
        self.assertEqual((self.out / "c.mp4").read_bytes(), b"another's")

    def test_damage_is_told_again(self):
        clip = self.portrait_clip("c.mkv", seconds=2, audio=False)
        (self.folder / "a1/c.mkv").write_bytes(clip.read_bytes()[:clip.stat().st_size * 2 // 3])
        _, first, _ = self.counts(self.folder / "a1", status=4)
        last, again, _ = self.counts(self.folder / "a1", status=4)
        self.assertEqual(last, "0 done, 2 done before, 0 failed")
        told = [[line for line in err.splitlines() if "what could be read was processed" in line] for err in (first, again)]
        self.assertEqual(len(told[0]), 1)
        self.assertEqual(told[0], told[1])

    def test_nobody_is_said_to_be_unseen_where_all_was_done_before(self):
        self.run_program("blur", self.folder / "a1", "-o", self.out, "--keep", PORTRAIT)
        last, err, _ = self.counts(self.folder / "a1", "--keep", PORTRAIT)
        self.assertEqual(last, "0 done, 1 done before, 0 failed")
        self.assertNotIn("seen nowhere", err)

    def run_piped(self, content, *args, status=0):
        """Runs with "PIPE" replaced by the path of a pipe that carries the content."""
        read, write = os.pipe()
        path = f"/dev/fd/{read}"
        with subprocess.Popen([PROGRAM, *(str(a).replace("PIPE", path) for a in args)], pass_fds=(read,),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            os.close(read)
            with open(write, "wb") as pipe:
                pipe.write(content)
            _, err = child.communicate(timeout=300)
        self.assertEqual(child.returncode, status, err)
        return err, path

    def test_photos_and_tracks_may_come_through_pipes(self):
        keep = ("blur", self.folder / "a1", "-o", self.out, "--keep", "PIPE")
        err, _ = self.run_piped(PORTRAIT.read_bytes(), *keep)
        self.assertIn("1 done, 0 done before, 0 failed", err)
        self.assertNotIn("seen nowhere", err)
        self.assertIn("0 done, 1 done before", self.run_piped(PORTRAIT.read_bytes(), *keep)[0])
        err, path = self.run_piped(b"no picture", "blur", self.folder / "a1", "-o", self.folder / "o2", "--keep", "PIPE", status=3)
        self.assertIn(path, err)
        self.assertNotIn("/proc/self", err)
        self.portrait_clip("a2/c.mp4", seconds=0.4, audio=False)
        tracks = self.folder / "t.json"
        self.run_program("blur", self.folder / "a2", "--tracks", tracks, "--tracks-only")
        err, _ = self.run_piped(tracks.read_bytes(), "blur", self.folder / "a2", "-o", self.out, "--use-tracks", "PIPE")
        self.assertIn("1 done, 0 done before, 0 failed", err)
        err = self.run_program("blur", self.folder / "a2", "-o", self.out, "--use-tracks", tracks)[1]
        self.assertIn("0 done, 1 done before", err)

    def test_a_file_that_is_named_by_different_paths_is_done_once(self):
        (self.folder / "link").symlink_to(self.folder / "a1")
        for output in (("-o", self.out), ()):
            _, err = self.run_program("blur", self.picture, os.path.relpath(self.picture), self.folder / "link/p.png", *output)
            self.assertIn("1 done, 0 done before, 0 failed", err)


if __name__ == "__main__":
    unittest.main()
