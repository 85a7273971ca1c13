"""What is named on the command line and is not there, not handled, or not a word; and what is printed for programs."""
import json
import shutil
import unittest
from pathlib import Path

from support import CACHE, PORTRAIT, CliTest, ffmpeg, probe


class Areas(CliTest):
    def setUp(self):
        super().setUp()
        self.clip = self.portrait_clip("c.mp4", seconds=1, audio=False)
        self.picture = self.folder / "p.png"
        shutil.copy(PORTRAIT, self.picture)

    def refused(self, *args):
        _, err = self.run_program("blur", *args, status=2)
        self.assertEqual(err.count("\n"), 1, err)
        self.assertEqual(self.files(), ["c.mp4", "p.png"])
        return err

    def test_an_area_outside_the_only_input_is_an_error_with_its_size(self):
        for flag in ("--region", "--exclude"):
            self.assertIn(f"{flag} 700,0,64,64 lies outside the picture, which has 640x360 pixels",
                          self.refused(self.clip, flag, "700,0,64,64"))
            self.assertIn("512x512", self.refused(self.picture, flag, "0,512,9,9"))

    def test_a_span_that_the_only_clip_does_not_have_is_an_error_with_its_times(self):
        for flag in ("--region", "--exclude"):
            self.assertIn("from 0.000 to 0.960 s", self.refused(self.clip, flag, "0,0,64,64@5-9"))
        self.assertIn("from 0.000 to 0.960 s", self.refused(self.clip, "--from", "5"))
        self.assertIn("--from and --to are for clips", self.refused(self.picture, "--from", "5"))

    def test_a_raw_stream_is_checked_once_it_is_decoded(self):
        raw = self.folder / "r.h264"
        out = self.folder / "r.mkv"
        ffmpeg("-i", self.clip, "-c", "copy", raw)
        for args in (["--region", "0,0,64,64@1-9"], ["--exclude", "0,0,64,64@1-"], ["--from", "5"],
                     ["--from", "5", "--style", "none"], ["--region", "0,0,64,64@1-9", "--tracks-only", "--tracks", out]):
            _, err = self.run_program("blur", raw, "-o", out, "-q", *args, status=2)
            self.assertIn("its frames are shown from 0.000 to 0.960 s", err)
            self.assertEqual(self.files(), ["c.mp4", "p.png", "r.h264"], args)
        _, err = self.run_program("blur", raw, self.picture, "-o", self.folder / "out", "-q", "--region", "0,0,9,9@1-")
        self.assertIn(f"warning: '{raw}': --region 0,0,9,9@1- holds no frame", err)
        self.run_program("blur", raw, "-o", out, "-q", "--region", "0,0,64,64@0.95-9")

    def test_a_photo_of_nobody_in_the_only_input_is_an_error(self):
        faceless = self.portrait_clip("faceless.mp4", seconds=0.4, audio=False)
        ffmpeg("-f", "lavfi", "-i", "testsrc2=d=0.4:s=128x96", faceless)
        for source in (faceless, CACHE / "demo/coffee.png"):
            _, err = self.run_program("blur", source, "--keep", PORTRAIT, "-o", self.folder / f"x{source.suffix}", status=2)
            self.assertIn("nobody in it is surely on the photos", err)

    def test_a_photo_that_is_named_twice_is_one(self):
        coffee = CACHE / "demo/coffee.png"
        faceless = self.folder / "faceless.png"
        ffmpeg("-f", "lavfi", "-i", "testsrc2=d=0.04:s=128x96", "-frames:v", 1, faceless)
        _, err = self.run_program("blur", faceless, coffee, "-o", self.folder / "out", "-q", "--keep", PORTRAIT,
                                  "--keep", PORTRAIT)
        self.assertEqual(err.count("whoever is on it was surely seen nowhere"), 1, err)
        self.run_program("blur", PORTRAIT, "-o", self.folder / "x.png", "--keep", PORTRAIT, "--keep", PORTRAIT)

    def test_a_size_to_detect_at_is_heeded(self):
        _, err = self.run_program("blur", self.clip, "--tracks-only", "--json", "--scale", "160x90")
        self.assertIn("faces from 80 px of height on", err)
        _, err = self.run_program("blur", self.clip, "--scale", "160", status=2)
        self.assertIn("'160' is no size", err)

    def test_of_several_inputs_the_one_that_misses_it_is_named_in_a_warning(self):
        out = self.folder / "out"
        _, err = self.run_program("blur", self.clip, self.picture, "-o", out, "-q", "--region", "600,0,30,30",
                                  "--region", "0,0,9,9@5-")
        warnings = err.splitlines()
        self.assertEqual(len(warnings), 2, err)
        self.assertIn("warning: '" + str(self.clip) + "': --region 0,0,9,9@5- holds no frame", warnings[0])
        self.assertIn("warning: '" + str(self.picture) + "': --region 600,0,30,30 lies outside", warnings[1])
        self.assertEqual(self.outputs(out), ["c.mp4", "p.png"])


class Folders(CliTest):
    def test_every_picture_and_clip_that_is_not_done_is_named_and_counted(self):
        photos = self.folder / "photos"
        photos.mkdir()
        shutil.copy(PORTRAIT, photos / "a.png")
        for name in ("b.bmp", "c.tiff", "d.gif"):
            ffmpeg("-i", PORTRAIT, "-vf", "scale=64:64", photos / name)
        heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
        (photos / "e.HEIC").write_bytes(heic)
        (photos / "f.jpg").write_bytes(heic)  # as some phones' programs name them
        (photos / "g.avif").write_bytes(heic.replace(b"heic", b"avif"))
        (photos / "h.wmv").write_bytes(b"damaged beyond recognition")
        shutil.copy(PORTRAIT, photos / "i")  # a picture without an ending
        (photos / "notes.txt").write_text("not a picture")
        (photos / "code.ts").write_text("export const a = 1;\n")
        (self.folder / "elsewhere").mkdir()
        (photos / "link").symlink_to(self.folder / "elsewhere")
        out, err = self.run_program("blur", photos, "-o", self.folder / "out", "--json", status=3)
        self.assertIn("2 done, 0 done before, 8 failed", err)
        lines = {Path(entry["input"]["path"]).name: entry for entry in map(json.loads, out.splitlines())}
        self.assertEqual(sorted(name for name, entry in lines.items() if entry["status"] == "failed"),
                         ["b.bmp", "c.tiff", "d.gif", "e.HEIC", "f.jpg", "g.avif", "h.wmv", "link"])
        for name, word in (("b.bmp", "BMP"), ("c.tiff", "TIFF"), ("d.gif", "GIF"), ("e.HEIC", "HEIF"), ("f.jpg", "HEIF"),
                           ("g.avif", "AVIF"), ("link", "a link to a folder")):
            self.assertIn(word, lines[name]["error"])
            self.assertIn(name, err)
        self.assertEqual(self.outputs(self.folder / "out"), ["a.png", "i.png"])
        # Done before, and still not all.
        out, err = self.run_program("blur", photos, "-o", self.folder / "out", "--json", status=3)
        self.assertIn("0 done, 2 done before, 8 failed", err)
        self.assertEqual(sum(json.loads(line)["status"] == "done before" for line in out.splitlines()), 2)


    def test_what_is_named_as_a_picture_and_is_none_cannot_be_read_as_one(self):
        for name in ("a.heic", "b.psd", "c.tga", "d.jpg"):
            path = self.folder / name
            path.write_bytes(b"no picture at all, whatever the name says")
            for command in ("blur", "detect"):
                _, err = self.run_program(command, path, status=5)
                self.assertIn(f"'{path}' cannot be read as a picture", err)

    def test_names_cannot_steer_the_terminal(self):
        good, bad = self.folder / "a\n\x1b[31mb.png", self.folder / "c\rd.jpg"
        shutil.copy(PORTRAIT, good)
        bad.write_bytes(b"junk")
        out, err = self.run_program("blur", good, bad, "-o", self.folder / "out", status=3)
        self.assertFalse([c for c in err if c != "\n" and ord(c) < 32], err)
        self.assertIn("a\\n\\x1B[31mb.png", err)
        self.assertIn("c\\x0Dd.jpg", err)
        self.assertEqual(err.count("\n"), 3, err)
        out, _ = self.run_program("detect", good)
        self.assertIn(b"a\\n\\x1B[31mb.png: 512x512", out)


class Names(CliTest):
    def test_an_output_is_what_its_name_says(self):
        clip = self.portrait_clip("c.mp4", seconds=0.4)
        for name in ("x.jpg", "x.gif", "x.avi", "x.h264", "x"):
            _, err = self.run_program("blur", clip, "-o", self.folder / name, status=2)
            self.assertIn(".mp4, .m4v, .mov, .qt, .mkv, .webm, .ts, .m2ts, .mts", err)
        picture = self.folder / "p.png"
        shutil.copy(PORTRAIT, picture)
        for name in ("x.jpg", "x.mp4", "x"):
            _, err = self.run_program("blur", picture, "-o", self.folder / name, status=2)
            self.assertIn(".png", err)
        self.run_program("detect", picture, "--draw", self.folder / "x.gif", status=2)
        self.assertEqual(self.files(), ["c.mp4", "p.png"])
        self.run_program("detect", picture, "--draw", self.folder / "d.jpg")
        self.assertEqual((self.folder / "d.jpg").read_bytes()[:2], b"\xff\xd8")

    def test_an_output_named_after_its_input_bears_the_ending_of_what_it_is(self):
        sources = self.folder / "in"
        sources.mkdir()
        clip = self.portrait_clip("in/a.mp4", seconds=0.4, audio=False)
        ffmpeg("-i", clip, "-c:v", "wmv2", sources / "b.wmv")
        ffmpeg("-i", clip, "-c", "copy", sources / "c.flv")
        ffmpeg("-i", clip, "-c", "copy", sources / "d.h264")
        ffmpeg("-i", clip, "-c", "copy", sources / "e.3gp")
        ffmpeg("-i", clip, "-c", "copy", sources / "f.m2ts")
        shutil.copy(clip, sources / "g.jpg")  # a clip under a picture's name
        ffmpeg("-i", PORTRAIT, sources / "h.jpg")
        (sources / "h.jpg").rename(sources / "h.png")
        out = self.folder / "out"
        self.run_program("blur", sources, "-o", out)
        self.assertEqual(self.outputs(out),
                         ["a.mp4", "b.mkv", "c.mkv", "d.mkv", "e.mp4", "f.m2ts", "g.mp4", "h.jpg"])
        for name, kind in (("a.mp4", "mov,mp4"), ("b.mkv", "matroska"), ("d.mkv", "matroska"), ("e.mp4", "mov,mp4"),
                           ("f.m2ts", "mpegts"), ("g.mp4", "mov,mp4")):
            self.assertIn(kind, probe(out / name, "-show_entries", "format=format_name")["format"]["format_name"], name)


class Words(CliTest):
    def test_a_word_that_is_none_is_named_with_the_nearest(self):
        for args, words in ((["blurr", "c.mp4"], "'blurr' is no command: did you mean 'blur'?"),
                            (["frobnicate"], "'frobnicate' is no command; `sightline --help` lists them"),
                            (["blur", "c.mp4", "--stlye", "solid"],
                             "'--stlye' is no option of `sightline blur`: did you mean '--style'?"),
                            (["blur", "c.mp4", "--regoin=0,0,1,1"], "did you mean '--region'?"),
                            (["detect", "a.jpg", "--jsn"], "did you mean '--json'?"),
                            (["keys", "creat"], "'creat' is no command: did you mean 'create'?"),
                            (["detect", "a.jpg", "b.jpg"], "'b.jpg' is one word too many")):
            out, err = self.run_program(*args, status=2)
            self.assertIn(words, err)
            self.assertEqual((out, err.count("\n")), (b"", 1), err)

    def test_json_is_an_object_a_line_for_each_input_with_numbers_as_numbers(self):
        clip = self.portrait_clip("c.mp4", seconds=0.4)
        shutil.copy(PORTRAIT, self.folder / "p.png")
        report = self.folder / "r.json"
        out, _ = self.run_program("blur", clip, self.folder / "p.png", self.folder / "none.jpg", "-o", self.folder / "out",
                                  "--json", "--report", report, "-q", status=3)
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([(line["status"], line["kind"]) for line in lines],
                         [("done", "clip"), ("done", "picture"), ("failed", "picture")])
        content = json.loads(report.read_text())
        self.assertEqual(lines, content["files"])
        settings = content["settings"]
        self.assertEqual({type(settings[name]) for name in ("threshold", "picture_threshold")}, {float})
        self.assertEqual(content["totals"], {"files": 3, "done_before": 0, "failed": 1, "faces": 1, "tracks": 1})

    def test_what_an_exclusion_leaves_clear_is_said_everywhere(self):
        clip = self.portrait_clip("c.mp4", seconds=0.4, audio=False)
        picture = self.folder / "p.png"
        shutil.copy(PORTRAIT, picture)
        report = self.folder / "r.json"
        for source, what, area, empty in ((clip, "1 face track", "0,0,640,360@0-5", "0,0,9,9"),
                                          (picture, "1 face", "0,0,512,512", "0,503,9,9")):
            note = f"{what} lies in an excluded area, in whole or in part, and was left clear there"
            out, err = self.run_program("blur", source, "-f", "--exclude", area, "--region", "1,2,3,4", "--json",
                                        "--report", report)
            content = json.loads(report.read_text())
            self.assertIn(note, err)
            self.assertIn(note, json.loads(out)["notes"])
            self.assertIn(note, content["files"][0]["notes"])
            self.assertEqual([area["box"] for area in content["settings"]["regions"]], [[1, 2, 3, 4]])
            self.assertEqual(content["settings"]["exclusions"][0]["to"], 5 if source == clip else None)
            report.unlink()
            _, err = self.run_program("blur", source, "-f", "--exclude", empty)
            self.assertNotIn("excluded", err)
            out, err = self.run_program("blur", source, "--style", "none", "--exclude", area, "--json")
            self.assertIn(f"{what} lies in an excluded area, in whole or in part\n", err)
            for word in ("clear", "cover", "painted"):
                self.assertNotIn(word, err + out.decode())

    def test_several_inputs_need_a_folder(self):
        for name in ("p.png", "q.png"):
            shutil.copy(PORTRAIT, self.folder / name)
        both = [self.folder / "p.png", self.folder / "q.png"]
        _, err = self.run_program("blur", *both, "-o", self.folder / "NAME.jpg", status=2)
        self.assertIn("-o must be a folder for several inputs", err)
        self.assertEqual(self.files(), ["p.png", "q.png"])
        self.run_program("blur", *both, "-o", f"{self.folder}/NAME.jpg/", "--quiet")
        self.assertEqual(self.outputs(self.folder / "NAME.jpg"), ["p.png", "q.png"])

    def test_one_is_no_plural(self):
        ffmpeg("-i", PORTRAIT, "-frames:v", 1, "-pix_fmt", "yuv420p", self.folder / "one.mp4")
        _, err = self.run_program("blur", self.folder / "one.mp4")
        self.assertIn(": 1 frame, 1 face track", err)


if __name__ == "__main__":
    unittest.main()
