"""`sightline blur` on clips, as a user runs it."""
import json
import os
import signal
import stat
import subprocess
import time
import unittest

from support import CACHE, PORTRAIT, PROGRAM, CliTest, ffmpeg, frame_times, iou, probe, sha256, stream_hash


class BlurClip(CliTest):
    def faces(self, clip):
        return [face for frame in self.frames(clip).values() for face in frame]

    def frames(self, clip):
        """The faces of each frame, by its time."""
        out, _ = self.run_program("detect", clip, "--json")
        return {frame["pts"]: frame["faces"] for frame in map(json.loads, out.splitlines())}

    def assert_no_face_is_left(self, clip, out):
        """No detection in the output lies where one of the input's faces was, and none elsewhere is sure."""
        before, after = self.frames(clip), self.frames(out)
        for pts, faces in after.items():
            for face in faces:
                overlap = max((iou(face["box"], known["box"]) for known in before[pts]), default=0)
                self.assertLess(overlap, 0.5, f"found again at {pts}: {face}")
                self.assertLess(face["confidence"], 0.5, f"a face at {pts}: {face}")

    def test_no_face_is_left_and_sound_and_times_are_untouched(self):
        clip = self.portrait_clip()
        self.assertGreater(len(self.faces(clip)), 40, "the detector must find the face in the input")
        self.run_program("blur", clip)
        out = self.folder / "clip.blurred.mp4"
        self.assert_no_face_is_left(clip, out)
        self.assertEqual(frame_times(out), frame_times(clip))
        self.assertEqual(stream_hash(out, "0:a"), stream_hash(clip, "0:a"))
        self.assertEqual(self.files(), ["clip.blurred.mp4", "clip.mp4"])

    def test_faces_that_stand_upside_down_are_covered_in_every_frame(self):
        clip = self.folder / "turned.mp4"
        ffmpeg("-loop", 1, "-t", 1, "-i", PORTRAIT, "-vf", "scale=128:128,hflip,vflip,pad=320:240:90:60:gray",
               "-pix_fmt", "yuv420p", clip)
        frames = self.frames(clip)
        self.assertEqual(len(frames), 25)
        for pts, faces in frames.items():
            # The face is at 178,62 92x122 of 512x512, which is turned and lies at 90,60 of the frame.
            self.assertGreater(max((iou(face["box"], (150, 142, 23, 30)) for face in faces), default=0), 0.4, pts)
        _, err = self.run_program("blur", clip)
        self.assertIn("180 degrees", err)

    def test_output_is_not_replaced_without_force(self):
        clip = self.portrait_clip(seconds=0.4)
        out = self.folder / "clip.blurred.mp4"
        out.write_bytes(b"precious")
        _, err = self.run_program("blur", clip, status=6)
        self.assertIn("--force", err)
        self.assertEqual(out.read_bytes(), b"precious")
        self.run_program("blur", clip, "--force")
        self.assertNotEqual(out.read_bytes(), b"precious")

    def test_input_is_never_the_output(self):
        clip = self.portrait_clip(seconds=0.4)
        before = sha256(clip)
        _, err = self.run_program("blur", clip, "-o", clip, "--force", status=2)
        self.assertIn("same file", err)
        self.assertEqual(sha256(clip), before)

    def test_bad_inputs_get_one_line_and_leave_nothing(self):
        cases = {"empty.mp4": b"", "text.mp4": b"hello " * 1000, "noise.mkv": os.urandom(5000),
                 "zero.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 40}
        for name, content in cases.items():
            (self.folder / name).write_bytes(content)
            _, err = self.run_program("blur", self.folder / name, "--quiet", status=5)
            self.assertEqual(err.count("\n"), 1, err)
            self.assertIn(name, err)
        _, err = self.run_program("blur", self.folder / "none.mp4", status=5)
        self.assertIn("none.mp4", err)
        self.assertEqual(self.files(), sorted(cases))

    def test_a_truncated_clip_is_processed_as_far_as_it_goes(self):
        clip = self.portrait_clip(codec=("-c:v", "libx264", "-movflags", "+faststart"))
        data = clip.read_bytes()
        cut = self.folder / "cut.mp4"
        cut.write_bytes(data[:len(data) * 2 // 3])
        _, err = self.run_program("blur", cut, status=4)
        self.assertIn("cut.mp4", err)
        self.assertGreater(len(frame_times(self.folder / "cut.blurred.mp4")), 10)

    def test_regions_exclusions_and_styles(self):
        clip = self.portrait_clip(seconds=0.4, audio=False)
        self.run_program("blur", clip, "--style", "solid", "--region", "0,0,64,64", "--exclude", "320,0,320,360")
        out = self.folder / "clip.blurred.mp4"
        pixel = lambda x, y: subprocess.run(
            ["ffmpeg", "-v", "error", "-i", str(out), "-frames:v", "1", "-vf", f"crop=8:8:{x}:{y},scale=1:1", "-f",
             "rawvideo", "-pix_fmt", "gray", "-"], capture_output=True, check=True).stdout[0]
        self.assertLess(pixel(20, 20), 24, "the region is black")
        for style in ("pixelate", "blur"):
            self.run_program("blur", clip, "--style", style, "--force")
        self.run_program("blur", clip, "--style", "none", "--report", self.folder / "report.json",
                         "-o", self.folder / "dry.mp4")
        self.assertFalse((self.folder / "dry.mp4").exists())
        self.assertTrue((self.folder / "report.json").exists())

    def test_who_is_on_a_photo_stays(self):
        clip = self.portrait_clip()
        out = self.folder / "kept.mp4"
        _, err = self.run_program("blur", clip, "-o", out, "--keep", PORTRAIT)
        self.assertIn("1 face track of people who stay", err)
        self.assertGreater(len(self.faces(out)), 40)
        _, err = self.run_program("blur", clip, "-o", out, "--force", "--keep", CACHE / "demo/coffee.png", status=2)
        self.assertIn("no faces", err)
        picture = self.folder / "kept.png"
        self.run_program("blur", PORTRAIT, "-o", picture, "--keep", PORTRAIT)
        self.assertEqual(len(json.loads(self.run_program("detect", picture, "--json")[0])["faces"]), 1)

    def test_span_is_what_the_output_holds(self):
        clip = self.portrait_clip(seconds=2)
        self.run_program("blur", clip, "--from", "0.5", "--to", "1.5")
        out = self.folder / "clip.blurred.mp4"
        self.assertEqual(len(frame_times(out)), 25)
        self.assertLess(float(probe(out, "-show_entries", "format=duration")["format"]["duration"]), 1.6)

    def test_tracks_can_be_edited_and_used(self):
        clip = self.portrait_clip(seconds=1)
        tracks = self.folder / "t.json"
        self.run_program("blur", clip, "--tracks", tracks, "--tracks-only")
        self.assertEqual(self.files(), ["clip.mp4", "t.json"])
        edited = json.loads(tracks.read_text())
        self.assertEqual(edited["source"]["width"], 640)
        boxes = edited["tracks"][0]["boxes"]
        self.assertEqual([b["pts"] for b in boxes], frame_times(clip), "one box in every frame")
        for track in edited["tracks"]:
            for box in track["boxes"]:
                box["box"] = [0, 0, 40, 40]
        tracks.write_text(json.dumps(edited))
        self.run_program("blur", clip, "--use-tracks", tracks)
        self.assertGreater(len(self.faces(self.folder / "clip.blurred.mp4")), 10, "the face was left, as the file says")
        tracks.write_text("{}")
        _, err = self.run_program("blur", clip, "--use-tracks", tracks, "--force", status=5)
        self.assertIn("t.json", err)

    def test_both_cameras_of_a_clip_are_blurred(self):
        wide = self.portrait_clip("wide.mp4", seconds=0.6, audio=False)
        small = self.portrait_clip("small.mp4", seconds=0.6, size="480x270")
        clip = self.folder / "clip.mp4"
        ffmpeg("-i", wide, "-i", small, "-map", "0:v", "-map", "1:v", "-map", "1:a", "-c", "copy", clip)
        tracks, report, page = (self.folder / name for name in ("t.json", "r.json", "check.html"))
        self.run_program("blur", clip, "--tracks", tracks, "--report", report, "--review", page)
        out = self.folder / "clip.blurred.mp4"
        streams = probe(out, "-show_entries", "stream=codec_type,width")["streams"]
        self.assertEqual([stream.get("width") for stream in streams], [640, 480, None])
        for number in (1, 2):
            found, _ = self.run_program("detect", out, "--json")
            frames = [frame for frame in map(json.loads, found.splitlines()) if frame["video"] == number]
            self.assertEqual(len(frames), 15)
            self.assertFalse([face for frame in frames for face in frame["faces"] if face["confidence"] > 0.5])
        written = json.loads(tracks.read_text())
        self.assertEqual(written["version"], 2)
        self.assertEqual([video["source"]["width"] for video in written["videos"]], [640, 480])
        self.assertTrue(all(video["tracks"] for video in written["videos"]))
        entry = json.loads(report.read_text())["files"][0]
        self.assertEqual([video["frames"] for video in entry["videos"]], [15, 15])
        self.assertEqual({track["video"] for track in entry["tracks"]}, {1, 2})
        self.assertIn("Video 2, Track", page.read_text())
        self.run_program("blur", clip, "--use-tracks", tracks, "--style", "solid", "--force")
        written["videos"].pop()
        tracks.write_text(json.dumps(written))
        _, err = self.run_program("blur", clip, "--use-tracks", tracks, "--force", status=2)
        self.assertIn("video track 2", err)
        self.run_program("blur", clip, "--video-track", 2, "-o", self.folder / "one.mp4")
        streams = probe(self.folder / "one.mp4", "-show_entries", "stream=codec_type,width")["streams"]
        self.assertEqual([stream.get("width") for stream in streams], [480, None])

    def test_a_clip_with_a_video_track_that_cannot_be_blurred_is_refused(self):
        good = self.portrait_clip("good.mp4", seconds=0.6, audio=False)
        folder = self.folder / "in"
        folder.mkdir()
        clip = folder / "clip.mkv"
        ffmpeg("-i", good, "-f", "lavfi", "-i", "testsrc2=s=96x80:d=0.6,format=yuv444p", "-map", 0, "-map", 1,
               "-c:v:0", "copy", "-c:v:1", "libx264", clip)
        for args in (["blur", clip], ["blur", clip, "--tracks", self.folder / "t.json", "--tracks-only"], ["detect", clip]):
            _, err = self.run_program(*args, status=5)
            self.assertIn("(video track 2 of 2)", err)
            self.assertIn("--video-track 1", err)
        self.run_program("blur", folder, "-o", self.folder / "out", status=3)
        self.assertEqual(self.files(), ["good.mp4", "in", "in/clip.mkv", "out"])
        self.run_program("detect", clip, "--video-track", 1)
        _, err = self.run_program("blur", folder, "-o", self.folder / "out", "--video-track", 1)
        self.assertIn("video track 2 is left out: track 1 was asked for", err)

    def test_review_page_is_private_and_self_contained(self):
        clip = self.portrait_clip(seconds=1)
        page = self.folder / "check.html"
        self.run_program("blur", clip, "--review", page)
        self.assertEqual(stat.S_IMODE(page.stat().st_mode), 0o600)
        text = page.read_text()
        self.assertIn("data:image/jpeg;base64,", text)
        self.assertNotIn("http://", text.replace("http://www.w3.org", ""))

    def test_report(self):
        clip = self.portrait_clip(seconds=1)
        report = self.folder / "r.json"
        out, _ = self.run_program("blur", clip, "--report", report, "--json")
        content = json.loads(report.read_text())
        self.assertEqual(content["files"][0]["input"]["sha256"], sha256(clip))
        self.assertEqual(content["files"][0]["output"]["sha256"], sha256(self.folder / "clip.blurred.mp4"))
        self.assertEqual([json.loads(line) for line in out.splitlines()], content["files"])


class Resumption(CliTest):
    def start(self, clip, out, *more):
        return subprocess.Popen([str(PROGRAM), "blur", str(clip), "-o", str(out), "--chunk-frames", "64", *more],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def interrupt(self, clip, out, signal_number, *more):
        """Stops a run once at least two chunks are on disk; returns the process."""
        journal = out.parent / f".{out.name}.sightline"
        process = self.start(clip, out, *more)
        deadline = time.monotonic() + 180
        while not (journal / "chunk-000001").exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.002)
        self.assertIsNone(process.poll(), "the run must still be going when it is stopped")
        process.send_signal(signal_number)
        process.communicate(timeout=60)
        return process, journal

    def test_a_killed_run_goes_on_and_gives_the_same_bytes(self):
        clip = self.portrait_clip(seconds=9.2, size="640x360")
        undisturbed = self.folder / "a.mp4"
        self.run_program("blur", clip, "-o", undisturbed, "--chunk-frames", 64)
        out = self.folder / "b.mp4"
        process, journal = self.interrupt(clip, out, signal.SIGKILL)
        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.assertFalse(out.exists())
        self.assertEqual(stat.S_IMODE(journal.stat().st_mode), 0o700)
        _, err = self.run_program("blur", clip, "-o", out, "--chunk-frames", 64)
        self.assertIn("resum", err)
        self.assertEqual(out.read_bytes(), undisturbed.read_bytes())
        self.assertEqual(self.files(), ["a.mp4", "b.mp4", "clip.mp4"])

    def test_another_setting_starts_afresh(self):
        clip = self.portrait_clip(seconds=9.2, size="640x360")
        out = self.folder / "b.mp4"
        self.interrupt(clip, out, signal.SIGKILL)
        _, err = self.run_program("blur", clip, "-o", out, "--chunk-frames", 64, "--style", "solid")
        self.assertNotIn("resum", err)

    def test_ctrl_c_is_quick_and_keeps_the_journal_unless_told(self):
        clip = self.portrait_clip(seconds=9.2, size="640x360")
        out = self.folder / "b.mp4"
        start = time.monotonic()
        process, journal = self.interrupt(clip, out, signal.SIGINT)
        self.assertEqual(process.returncode, 130)
        self.assertTrue(journal.exists())
        self.assertFalse(out.exists())
        process, journal = self.interrupt(clip, self.folder / "c.mp4", signal.SIGINT, "--no-resume")
        self.assertEqual(process.returncode, 130)
        self.assertFalse(journal.exists())
        self.assertEqual(self.files(), [".b.mp4.sightline"] + [f for f in self.files() if "/" in f] + ["clip.mp4"])


if __name__ == "__main__":
    unittest.main()
