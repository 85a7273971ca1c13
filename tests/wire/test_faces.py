"""DetectFaces and CompareFaces."""
import struct
import unittest
import zlib

from server import PICTURES, ServerTest

ASTRONAUT = (PICTURES / "astronaut.png").read_bytes()
COFFEE = (PICTURES / "coffee.png").read_bytes()
FIVE = ["eyeLeft", "eyeRight", "mouthLeft", "mouthRight", "nose"]


def png(width, height, rows):
    """A PNG file of RGB rows."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    body = b"".join(b"\0" + row for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b""))


def rows_of(data):
    """Width and RGB rows of a plain 8-bit PNG."""
    at, body, width, pixel = 8, b"", 0, 3
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        part = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, _, depth, color = struct.unpack(">IIBB", part[:10])
            assert depth == 8 and color in (2, 6), "the demo picture is plain RGB"
            pixel = 3 if color == 2 else 4
        elif kind == b"IDAT":
            body += part
        at += size + 12
    raw, stride, rows, above = zlib.decompress(body), width * pixel, [], bytes(width * pixel)
    for start in range(0, len(raw), stride + 1):
        kind, line = raw[start], bytearray(raw[start + 1:start + 1 + stride])
        for i in range(stride):
            left = line[i - pixel] if i >= pixel else 0
            corner = above[i - pixel] if i >= pixel else 0
            guess = (0, left, above[i], (left + above[i]) // 2, 0)[kind]
            if kind == 4:
                guess = min((left, above[i], corner), key=lambda v, l=left, u=above[i], c=corner: abs(l + u - c - v))
            line[i] = (line[i] + guess) & 0xFF
        above = bytes(line)
        rows.append(above if pixel == 3 else b"".join(above[i:i + 3] for i in range(0, stride, 4)))
    return width, rows


def with_orientation(data, value):
    """The PNG with an eXIf chunk that says how it is to be turned."""
    tiff = b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 274, 3, 1, value, 0) + b"\0\0\0\0"
    chunk = struct.pack(">I", len(tiff)) + b"eXIf" + tiff + struct.pack(">I", zlib.crc32(b"eXIf" + tiff))
    return data[:33] + chunk + data[33:]


def marks(face):
    return {mark["Type"]: (mark["X"], mark["Y"]) for mark in face["Landmarks"]}


class Detect(ServerTest):
    def detect(self, picture=ASTRONAUT, **more):
        return self.client("rekognition").detect_faces(Image={"Bytes": picture}, **more)["FaceDetails"]

    def test_default_tells_box_five_points_pose_and_quality(self):
        for attributes in ({}, {"Attributes": ["DEFAULT"]}):
            (face,) = self.detect(**attributes)
            self.assertEqual(set(face), {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"})
            self.assertEqual([mark["Type"] for mark in face["Landmarks"]], FIVE)
            self.assertLess(abs(face["Pose"]["Yaw"]), 30)
            self.assertGreater(face["Quality"]["Sharpness"], 50)
            self.assertTrue(0 < face["Quality"]["Brightness"] <= 100)

    def test_all_tells_thirty_points_eyes_and_mouth(self):
        (face,) = self.detect(Attributes=["ALL"])
        self.assertEqual(len(marks(face)), 30)
        self.assertEqual([mark["Type"] for mark in face["Landmarks"]][:5], FIVE)
        self.assertIs(face["EyesOpen"]["Value"], True)
        self.assertIs(face["MouthOpen"]["Value"], True)  # she smiles
        self.assertTrue(50 <= face["MouthOpen"]["Confidence"] <= 100)
        self.assertEqual(set(face["EyeDirection"]), {"Yaw", "Pitch", "Confidence"})

    def test_what_no_model_measures_is_absent(self):
        (face,) = self.detect(Attributes=["ALL"])
        for name in ("AgeRange", "Smile", "Gender", "Emotions", "Beard", "Mustache", "Eyeglasses", "Sunglasses",
                     "FaceOccluded"):
            self.assertNotIn(name, face)
        (face,) = self.detect(Attributes=["SMILE", "AGE_RANGE"])
        self.assertEqual(set(face), {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"})

    def test_single_attributes_come_on_top_of_default(self):
        (face,) = self.detect(Attributes=["MOUTH_OPEN"])
        self.assertEqual(set(face), {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality", "MouthOpen"})
        self.assertEqual(len(face["Landmarks"]), 5)
        (face,) = self.detect(Attributes=["DEFAULT", "EYES_OPEN", "EYE_DIRECTION"])
        self.assertIn("EyesOpen", face)
        self.assertIn("EyeDirection", face)
        (face,) = self.detect(Attributes=["DEFAULT", "ALL"])
        self.assertEqual(len(face["Landmarks"]), 30)
        self.assert_code("ValidationException", self.detect, Attributes=["NOSE"])

    def test_coordinates_are_those_of_the_displayed_picture(self):
        width, rows = rows_of(ASTRONAUT)
        # Stored a quarter turn counter-clockwise, marked to be turned clockwise (orientation 6).
        turned = [b"".join(row[3 * x:3 * x + 3] for row in rows) for x in range(width - 1, -1, -1)]
        stored = with_orientation(png(len(rows), width, turned), 6)
        (plain,), (shown,) = self.detect(), self.detect(stored)
        for side in ("Left", "Top", "Width", "Height"):
            self.assertAlmostEqual(shown["BoundingBox"][side], plain["BoundingBox"][side], delta=0.01)
        self.assertAlmostEqual(shown["Pose"]["Roll"], plain["Pose"]["Roll"], delta=2)

    def test_a_picture_that_stands_on_its_head_shows_its_face_too(self):
        width, rows = rows_of(ASTRONAUT)
        # A quarter of the size: upside down, the detector by itself sees no face there.
        small = [b"".join(bytes(sum(rows[y + j][3 * (x + i) + c] for i in range(4) for j in range(4)) // 16
                                for c in range(3)) for x in range(width - 4, -1, -4))
                 for y in range(len(rows) - 4, -1, -4)]
        (face,), (upright,) = self.detect(png(width // 4, len(small), small)), self.detect()
        box, truth = face["BoundingBox"], upright["BoundingBox"]
        self.assertAlmostEqual(box["Left"] + box["Width"] / 2, 1 - truth["Left"] - truth["Width"] / 2, delta=0.03)
        self.assertAlmostEqual(box["Top"] + box["Height"] / 2, 1 - truth["Top"] - truth["Height"] / 2, delta=0.03)
        self.assertGreater(abs(face["Pose"]["Roll"]), 150)
        self.assertGreater(marks(face)["eyeLeft"][0], marks(face)["eyeRight"][0])

    def test_the_largest_face_comes_first(self):
        _, rows = rows_of(ASTRONAUT)
        halved = [b"".join(row[6 * x:6 * x + 3] for x in range(256)) for row in rows[::2]]
        wide = [(halved[y] if y < 256 else bytes(256 * 3)) + rows[y] for y in range(512)]
        first, second = self.detect(png(768, 512, wide))
        self.assertGreater(first["BoundingBox"]["Width"], second["BoundingBox"]["Width"])
        self.assertGreater(first["BoundingBox"]["Left"], 0.33)

    def test_pictures_below_eighty_pixels_are_refused(self):
        self.assert_code("InvalidParameterException", self.detect, png(79, 100, [bytes(79 * 3)] * 100))
        self.assertEqual(self.detect(png(80, 80, [bytes(80 * 3)] * 80)), [])


class Compare(ServerTest):
    def compare(self, source=ASTRONAUT, target=ASTRONAUT, **more):
        return self.client("rekognition").compare_faces(SourceImage={"Bytes": source}, TargetImage={"Bytes": target},
                                                        **more)

    def test_a_person_is_like_herself(self):
        _, rows = rows_of(ASTRONAUT)
        darker = png(512, 512, [bytes(value * 3 // 4 for value in row) for row in rows])
        answer = self.compare(target=darker)
        (match,) = answer["FaceMatches"]
        self.assertGreater(match["Similarity"], 99)
        self.assertEqual(answer["UnmatchedFaces"], [])
        self.assertEqual(set(answer["SourceImageFace"]), {"BoundingBox", "Confidence"})
        self.assertEqual(set(match["Face"]), {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"})

    def test_below_the_threshold_a_face_is_unmatched(self):
        _, rows = rows_of(ASTRONAUT)
        small = png(256, 256, [b"".join(row[6 * x:6 * x + 3] for x in range(256)) for row in rows[::2]])
        (match,) = self.compare(target=small, SimilarityThreshold=0)["FaceMatches"]
        self.assertLess(match["Similarity"], 100)
        answer = self.compare(target=small, SimilarityThreshold=100)
        self.assertEqual(answer["FaceMatches"], [])
        (face,) = answer["UnmatchedFaces"]
        self.assertEqual([mark["Type"] for mark in face["Landmarks"]], FIVE)

    def test_a_picture_without_a_face_is_refused(self):
        self.assert_code("InvalidParameterException", self.compare, source=COFFEE)
        self.assert_code("InvalidParameterException", self.compare, target=COFFEE)

    def test_the_quality_filter_leaves_out_what_is_below_it(self):
        _, rows = rows_of(ASTRONAUT)
        dark = png(512, 512, [bytes(value // 16 for value in row) for row in rows])
        self.assertEqual(len(self.compare(target=ASTRONAUT, QualityFilter="HIGH")["FaceMatches"]), 1)
        self.assert_code("InvalidParameterException", self.compare, target=dark, QualityFilter="HIGH")

    def test_bad_values_are_told(self):
        self.assert_code("ValidationException", self.compare, SimilarityThreshold=101)
        self.assert_code("ValidationException", self.compare, QualityFilter="BEST")
        self.assert_code("InvalidImageFormatException", self.compare, target=b"no picture")


if __name__ == "__main__":
    unittest.main()
