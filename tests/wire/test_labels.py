"""DetectLabels and DetectModerationLabels as boto3 sees them."""
import subprocess
import tempfile
import unittest
from pathlib import Path

from server import PICTURES, ServerTest


def picture(name):
    return {"Bytes": (PICTURES / name).read_bytes()}


def by_name(answer):
    return {label["Name"]: label for label in answer["Labels"]}


def names(things):
    return [thing["Name"] for thing in things]


class Labels(ServerTest):
    def detect(self, name="coffee.png", **settings):
        return self.client("rekognition").detect_labels(Image=picture(name), **settings)

    def test_a_cup_is_an_instance_in_its_place(self):
        answer = self.detect()
        self.assertEqual(answer["LabelModelVersion"], "3.0")
        self.assertNotIn("OrientationCorrection", answer)
        cup = by_name(answer)["Cup"]
        self.assertEqual(names(cup["Categories"]), ["Kitchen and Dining"])
        (instance, *_) = cup["Instances"]
        self.assertGreater(cup["Confidence"], 85)
        self.assertGreaterEqual(cup["Confidence"], instance["Confidence"])
        box = instance["BoundingBox"]
        self.assertAlmostEqual(box["Left"] + box["Width"] / 2, 0.47, delta=0.06)
        self.assertAlmostEqual(box["Top"] + box["Height"] / 2, 0.34, delta=0.06)

    def test_a_person_is_a_human_and_the_surest_label_comes_first(self):
        answer = self.detect("astronaut.png")
        self.assertEqual(answer["Labels"][0]["Name"], "Person")
        person = by_name(answer)["Person"]
        self.assertEqual(names(person["Aliases"]), ["Human"])
        self.assertEqual(person["Parents"], [])
        self.assertEqual(len(person["Instances"]), 1)
        self.assertGreater(person["Confidence"], 80)
        sure = [label["Confidence"] for label in answer["Labels"]]
        self.assertEqual(sure, sorted(sure, reverse=True))
        self.assertGreaterEqual(sure[-1], 55)

    def test_more_general_labels_follow_without_instances(self):
        labels = by_name(self.detect(MinConfidence=5))
        seen = [label for label in labels.values() if label["Instances"] and label["Parents"]]
        self.assertTrue(seen, list(labels))
        for label in seen:
            for parent in names(label["Parents"]):
                self.assertIn(parent, labels)
                self.assertGreaterEqual(labels[parent]["Confidence"], label["Confidence"])
                self.assertIn(label["Categories"][0]["Name"], {c["Name"] for c in label["Categories"]})

    def test_less_confidence_gives_more_labels(self):
        few, many = (by_name(self.detect(MinConfidence=least)) for least in (90, 10))
        self.assertLess(set(few), set(many))
        for label in many.values():
            self.assertGreaterEqual(label["Confidence"], 10)

    def test_labels_are_counted_off(self):
        all_names = names(self.detect(MinConfidence=10)["Labels"])
        self.assertEqual(names(self.detect(MinConfidence=10, MaxLabels=2)["Labels"]), all_names[:2])

    def test_filters_choose_by_label_and_category(self):
        def chosen(**filters):
            return set(names(self.detect(MinConfidence=10, Settings={"GeneralLabels": filters})["Labels"]))

        everything = chosen()
        kitchen = {name for name, label in by_name(self.detect(MinConfidence=10)).items()
                   if names(label["Categories"]) == ["Kitchen and Dining"]}
        self.assertTrue(kitchen < everything, everything)
        self.assertEqual(chosen(LabelInclusionFilters=["Cup", "Airplane"]), {"Cup"})
        self.assertEqual(chosen(LabelExclusionFilters=["Cup"]), everything - {"Cup"})
        self.assertEqual(chosen(LabelCategoryInclusionFilters=["Kitchen and Dining"]), kitchen)
        self.assertEqual(chosen(LabelCategoryExclusionFilters=["Kitchen and Dining"]), everything - kitchen)
        self.assertEqual(chosen(LabelCategoryInclusionFilters=["Kitchen and Dining"], LabelExclusionFilters=["Cup"]),
                         kitchen - {"Cup"})

    def test_a_turned_photograph_is_seen_upright(self):
        with tempfile.TemporaryDirectory() as folder:
            turned = Path(folder) / "turned.jpg"
            subprocess.run(["ffmpeg", "-v", "error", "-i", PICTURES / "coffee.png", "-vf", "transpose=cclock", "-q:v", "2",
                            turned], check=True)
            subprocess.run(["exiftool", "-q", "-overwrite_original", "-Orientation#=6", turned], check=True)
            answer = self.client("rekognition").detect_labels(Image={"Bytes": turned.read_bytes()})
        box = by_name(answer)["Cup"]["Instances"][0]["BoundingBox"]
        self.assertAlmostEqual(box["Left"] + box["Width"] / 2, 0.47, delta=0.06)
        self.assertGreater(600 * box["Width"], 400 * box["Height"] * 0.8)

    def test_a_picture_in_a_bucket_is_seen_too(self):
        buckets = self.client("s3")
        buckets.create_bucket(Bucket="pictures")
        buckets.upload_file(str(PICTURES / "coffee.png"), "pictures", "morning/coffee.png")
        stored = {"S3Object": {"Bucket": "pictures", "Name": "morning/coffee.png"}}
        client = self.client("rekognition")
        self.assertEqual(client.detect_labels(Image=stored)["Labels"], self.detect()["Labels"])
        self.assertEqual(client.detect_moderation_labels(Image=stored)["ModerationLabels"], [])

    def test_general_labels_may_be_asked_for_by_name(self):
        self.assertIn("Cup", by_name(self.detect(Features=["GENERAL_LABELS"])))

    def test_image_properties_are_refused_in_words(self):
        client = self.client("rekognition")
        for asked in ({"Features": ["IMAGE_PROPERTIES"]}, {"Settings": {"ImageProperties": {"MaxDominantColors": 3}}}):
            answer = self.assert_code("InvalidParameterException", client.detect_labels, Image=picture("coffee.png"),
                                      **asked)
            self.assertIn("IMAGE_PROPERTIES", answer["Error"]["Message"])

    def test_what_is_no_picture_or_no_number_is_told(self):
        client = self.client("rekognition")
        for code, asked in (("InvalidImageFormatException", {"Image": {"Bytes": b"GIF89a no"}}),
                            ("InvalidParameterException", {"Image": {}}),
                            ("InvalidS3ObjectException", {"Image": {"S3Object": {"Bucket": "nobody", "Name": "x"}}}),
                            ("ValidationException", {"Image": picture("coffee.png"), "MinConfidence": 101}),
                            ("ValidationException", {"Image": picture("coffee.png"), "Features": ["COLOURS"]})):
            self.assert_code(code, client.detect_labels, **asked)


class Moderation(ServerTest):
    def detect(self, name="astronaut.png", **settings):
        return self.client("rekognition").detect_moderation_labels(Image=picture(name), **settings)

    def test_a_portrait_is_safe(self):
        answer = self.detect()
        self.assertEqual(answer["ModerationLabels"], [])
        self.assertEqual(answer["ModerationModelVersion"], "7.0")

    def test_labels_stand_in_their_taxonomy(self):
        explicit, nudity = self.detect(MinConfidence=0)["ModerationLabels"]
        self.assertEqual((explicit["Name"], explicit["ParentName"], explicit["TaxonomyLevel"]), ("Explicit", "", 1))
        self.assertEqual((nudity["Name"], nudity["ParentName"], nudity["TaxonomyLevel"]),
                         ("Explicit Nudity", "Explicit", 2))
        self.assertLess(nudity["Confidence"], 20)

    def test_what_is_not_carried_out_is_refused(self):
        client = self.client("rekognition")
        loop = {"HumanLoopName": "loop", "FlowDefinitionArn": "arn:aws:sagemaker:us-east-1:123456789012:flow-definition/f"}
        self.assert_code("InvalidParameterException", client.detect_moderation_labels, Image=picture("coffee.png"),
                         HumanLoopConfig=loop)
        self.assert_code("ResourceNotFoundException", client.detect_moderation_labels, Image=picture("coffee.png"),
                         ProjectVersion="arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1")
        self.assert_code("InvalidImageFormatException", client.detect_moderation_labels, Image={"Bytes": b"no"})


if __name__ == "__main__":
    unittest.main()
