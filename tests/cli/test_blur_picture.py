"""`sightline blur` and `detect` on pictures and folders, as a user runs them."""
import json
import shutil
import struct
import unittest
import zlib

from support import PORTRAIT, CliTest, ffmpeg


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_size(width, height):
    """A few bytes that claim to be a large picture."""
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            png_chunk(b"IDAT", zlib.compress(b"\0" * 100000)) + png_chunk(b"IEND", b""))


class BlurPicture(CliTest):
    def setUp(self):
        super().setUp()
        self.png = self.folder / "portrait.png"  # carries an sRGB profile that libpng calls incorrect
        shutil.copy(PORTRAIT, self.png)
        self.jpeg = self.folder / "portrait.jpg"
        ffmpeg("-i", PORTRAIT, "-q:v", 3, self.jpeg)

    def faces(self, picture):
        out, _ = self.run_program("detect", picture, "--json")
        return json.loads(out)["faces"]

    def test_every_format_keeps_its_format_and_loses_its_face(self):
        webp = self.folder / "portrait.webp"
        ffmpeg("-i", PORTRAIT, webp)
        for picture, magic in ((self.png, b"\x89PNG"), (self.jpeg, b"\xff\xd8"), (webp, b"RIFF")):
            self.assertEqual(len(self.faces(picture)), 1)
            self.run_program("blur", picture)
            out = picture.with_name(f"portrait.blurred{picture.suffix}")
            self.assertEqual(out.read_bytes()[:len(magic)], magic)
            self.assertEqual(self.faces(out), [], picture.suffix)

    def test_through_pipes(self):
        out, _ = self.run_program("blur", "-", stdin=self.jpeg.read_bytes())
        self.assertEqual(out[:2], b"\xff\xd8")
        self.run_program("blur", "-", stdin=b"", status=5)

    def test_a_folder_keeps_its_tree_and_a_bad_file_stops_nobody(self):
        photos = self.folder / "photos"
        (photos / "sub").mkdir(parents=True)
        shutil.copy(self.png, photos / "a.png")
        shutil.copy(self.jpeg, photos / "sub/b.jpg")
        (photos / "bad.jpg").write_bytes(b"junk")
        out = self.folder / "out"
        _, err = self.run_program("blur", photos, "-o", out, status=3)
        self.assertIn("bad.jpg", err)
        self.assertIn("2 done, 0 done before, 1 failed", err)
        self.assertEqual(self.outputs(out), ["a.png", "b.jpg"])
        _, err = self.run_program("blur", photos, "-o", out, status=3)
        self.assertIn("0 done, 2 done before, 1 failed", err)

    def test_hostile_and_odd_pictures(self):
        bomb = self.folder / "bomb.png"
        bomb.write_bytes(png_of_size(30000, 30000))
        _, err = self.run_program("blur", bomb, status=5)
        self.assertIn("30000x30000", err)
        (self.folder / "none.png").write_bytes(png_of_size(0, 0))
        self.run_program("blur", self.folder / "none.png", status=5)
        ffmpeg("-f", "lavfi", "-i", "color=red:s=16x16", "-frames:v", 1, "-vf", "crop=1:1:exact=1,format=rgb24", self.folder / "one.png")
        self.run_program("blur", self.folder / "one.png")
        ffmpeg("-f", "lavfi", "-i", "testsrc=d=0.4:s=64x64", self.folder / "moving.gif")
        _, err = self.run_program("blur", self.folder / "moving.gif", status=5)
        self.assertIn("GIF", err)

    def test_a_wrong_ending_is_no_obstacle_but_never_written(self):
        wrong = self.folder / "really-a-jpeg.png"
        shutil.copy(self.jpeg, wrong)
        self.assertEqual(len(self.faces(wrong)), 1)
        self.run_program("blur", self.png, "-o", self.folder / "x.jpg", status=2)

    def test_pixelate_says_that_friends_may_still_recognise_a_face(self):
        words = "may still recognise them in a pixelated face"
        for args, said in ((["--style", "pixelate"], True), (["--style", "mosaic"], True), (["--style", "solid"], False),
                           (["--style", "pixelate", "--quiet"], False)):
            _, err = self.run_program("blur", self.png, "--force", *args)
            self.assertEqual(err.count(words), int(said), args)

    def test_drawing(self):
        self.run_program("detect", self.png, "--draw", self.folder / "d.png")
        self.assertEqual((self.folder / "d.png").read_bytes()[:4], b"\x89PNG")
        self.run_program("detect", self.png, "--draw", self.folder / "d.png", status=6)

    def test_wrong_usage(self):
        for args in (["blur"], ["blur", self.png, "--style", "fog"], ["blur", self.png, "--region", "1,2,3"],
                     ["blur", self.png, "--tracks", "t.json"], ["nonsense"], ["detect", self.png, "--scope", "wide"]):
            self.run_program(*args, status=2 if args[:1] != ["nonsense"] else 2)


if __name__ == "__main__":
    unittest.main()
