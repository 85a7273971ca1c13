"""Collections of faces: made, filled, searched, emptied, through boto3."""
import subprocess
import tempfile
import unittest
import uuid
from pathlib import Path

from server import PICTURES, Server, ServerTest, WireTest, boto3


def astronaut():
    return (PICTURES / "astronaut.png").read_bytes()


def changed(filters):
    """The astronaut's picture as ffmpeg changes it: another picture of the same face."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.png"
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", PICTURES / "astronaut.png", "-vf", filters, out],
                       check=True)
        return out.read_bytes()


class Names(ServerTest):
    """What needs no picture."""

    def setUp(self):
        self.client = self.server.client("rekognition")
        self.id = f"names-{uuid.uuid4()}"

    def test_a_collection_from_its_beginning_to_its_end(self):
        made = self.client.create_collection(CollectionId=self.id)
        self.assertEqual(made["StatusCode"], 200)
        self.assertEqual(made["CollectionArn"], f"aws:rekognition:us-east-1:000000000000:collection/{self.id}")
        told = self.client.describe_collection(CollectionId=self.id)
        self.assertEqual(told["FaceCount"], 0)
        self.assertEqual(told["CollectionARN"], "arn:" + made["CollectionArn"])
        self.assertEqual(told["FaceModelVersion"], made["FaceModelVersion"])
        self.assertRegex(told["FaceModelVersion"], r"^[0-9]+\.[0-9.]+$")
        self.assertIn(self.id, self.client.list_collections()["CollectionIds"])
        self.assert_code("ResourceAlreadyExistsException", self.client.create_collection, CollectionId=self.id)
        self.assertEqual(self.client.delete_collection(CollectionId=self.id)["StatusCode"], 200)
        answer = self.assert_code("ResourceNotFoundException", self.client.describe_collection,
                                  CollectionId=self.id)
        self.assertEqual(answer["Error"]["Message"], f"The collection id: {self.id} does not exist")

    def test_every_operation_tells_of_a_collection_that_is_not_there(self):
        picture = {"Bytes": astronaut()}
        face = str(uuid.uuid4())
        for call, more in ((self.client.delete_collection, {}), (self.client.list_faces, {}),
                           (self.client.delete_faces, {"FaceIds": [face]}),
                           (self.client.search_faces, {"FaceId": face}),
                           (self.client.search_faces_by_image, {"Image": picture}),
                           (self.client.index_faces, {"Image": picture})):
            self.assert_code("ResourceNotFoundException", call, CollectionId="nowhere", **more)

    def test_names_that_are_none_are_refused(self):
        answer = self.assert_code("ValidationException", self.client.create_collection, CollectionId="no spaces")
        self.assertIn("1 validation error detected", answer["Error"]["Message"])
        self.assert_code("ValidationException", self.client.create_collection, CollectionId="x" * 256)

    def test_pages(self):
        ids = [f"{self.id}-{i}" for i in range(5)]
        for one in ids:
            self.client.create_collection(CollectionId=one)
        pages = list(self.client.get_paginator("list_collections").paginate(PaginationConfig={"PageSize": 2}))
        self.assertTrue(all(len(page["CollectionIds"]) <= 2 for page in pages))
        self.assertTrue(all(len(page["CollectionIds"]) == len(page["FaceModelVersions"]) for page in pages))
        listed = [one for page in pages for one in page["CollectionIds"] if one.startswith(self.id)]
        self.assertEqual(listed, ids)
        self.assertEqual(self.client.list_collections(NextToken="", MaxResults=1)["CollectionIds"],
                         pages[0]["CollectionIds"][:1])
        self.assert_code("InvalidPaginationTokenException", self.client.list_collections, NextToken="forged")
        token = pages[0]["NextToken"]
        self.assert_code("InvalidPaginationTokenException", self.client.list_faces, CollectionId=ids[0],
                         NextToken=token)

    def test_a_token_of_the_longest_name_is_one_that_is_taken_back(self):
        for end in "ab":
            self.client.create_collection(CollectionId=(self.id + "." * 255)[:254] + end)
        page = self.client.list_collections(MaxResults=1)
        while "NextToken" in page:
            page = self.client.list_collections(MaxResults=1, NextToken=page["NextToken"])

    def test_tags(self):
        self.client.create_collection(CollectionId=self.id, Tags={"team": "doors", "floor": "1"})
        arn = self.client.describe_collection(CollectionId=self.id)["CollectionARN"]
        self.client.tag_resource(ResourceArn=arn, Tags={"floor": "2", "empty": ""})
        self.client.untag_resource(ResourceArn=arn, TagKeys=["team", "none"])
        self.assertEqual(self.client.list_tags_for_resource(ResourceArn=arn)["Tags"], {"floor": "2", "empty": ""})
        self.assert_code("ResourceNotFoundException", self.client.list_tags_for_resource, ResourceArn=arn + "x")
        self.assert_code("AccessDeniedException", self.client.list_tags_for_resource,
                         ResourceArn=arn.replace("000000000000", "111111111111"))
        self.assert_code("InvalidParameterException", self.client.tag_resource,
                         ResourceArn="arn:aws:s3:::bucket-of-mine", Tags={})
        many = {f"tag-{i}": "" for i in range(199)}
        self.assert_code("ServiceQuotaExceededException", self.client.tag_resource, ResourceArn=arn, Tags=many)

    def test_regions_are_apart(self):
        self.client.create_collection(CollectionId=self.id)
        other = boto3.client("rekognition", endpoint_url=self.server.endpoint, region_name="eu-west-1",
                             aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106
        self.assertNotIn(self.id, other.list_collections()["CollectionIds"])
        self.assert_code("ResourceNotFoundException", other.describe_collection, CollectionId=self.id)


class Faces(ServerTest):
    """A collection for each test."""

    def setUp(self):
        self.client = self.server.client("rekognition")
        self.id = f"faces-{uuid.uuid4()}"
        self.client.create_collection(CollectionId=self.id)

    def index(self, picture, **more):
        return self.client.index_faces(CollectionId=self.id, Image={"Bytes": picture}, **more)

    def test_an_indexed_face_is_found_by_another_picture(self):
        answer = self.index(astronaut(), ExternalImageId="crew:1")
        (record,) = answer["FaceRecords"]
        face = record["Face"]
        self.assertEqual(answer["UnindexedFaces"], [])
        self.assertEqual(face["ExternalImageId"], "crew:1")
        self.assertAlmostEqual(record["FaceDetail"]["BoundingBox"]["Left"], face["BoundingBox"]["Left"], places=5)
        self.assertIn("Pose", record["FaceDetail"])
        found = self.client.search_faces_by_image(CollectionId=self.id, Image={"Bytes": changed("hflip,scale=400:-1")})
        (match,) = found["FaceMatches"]
        self.assertEqual(match["Face"], face)
        self.assertGreater(match["Similarity"], 95)
        self.assertGreater(found["SearchedFaceConfidence"], 90)
        self.assertLess(found["SearchedFaceBoundingBox"]["Left"] + found["SearchedFaceBoundingBox"]["Width"], 1)
        self.assertEqual(found["FaceModelVersion"], answer["FaceModelVersion"])
        same = self.client.search_faces_by_image(CollectionId=self.id, Image={"Bytes": astronaut()},
                                                 FaceMatchThreshold=100)
        self.assertEqual(len(same["FaceMatches"]), 1)

    def test_faces_are_listed_and_deleted(self):
        ids = [self.index(picture)["FaceRecords"][0]["Face"]["FaceId"]
               for picture in (astronaut(), changed("hflip"), changed("eq=brightness=0.05"))]
        self.assertEqual(self.client.describe_collection(CollectionId=self.id)["FaceCount"], 3)
        first = self.client.list_faces(CollectionId=self.id, MaxResults=2)
        rest = self.client.list_faces(CollectionId=self.id, MaxResults=2, NextToken=first["NextToken"])
        self.assertEqual([face["FaceId"] for face in first["Faces"] + rest["Faces"]], ids)
        self.assertNotIn("NextToken", rest)
        some = self.client.list_faces(CollectionId=self.id, FaceIds=[ids[2], str(uuid.uuid4())])
        self.assertEqual([face["FaceId"] for face in some["Faces"]], ids[2:])
        found = self.client.search_faces(CollectionId=self.id, FaceId=ids[0])
        self.assertEqual(found["SearchedFaceId"], ids[0])
        self.assertEqual({match["Face"]["FaceId"] for match in found["FaceMatches"]}, set(ids[1:]))
        self.assertEqual(len(self.client.search_faces(CollectionId=self.id, FaceId=ids[0], MaxFaces=1)["FaceMatches"]),
                         1)
        unknown = str(uuid.uuid4())
        gone = self.client.delete_faces(CollectionId=self.id, FaceIds=[ids[1], unknown])
        self.assertEqual(gone["DeletedFaces"], [ids[1]])
        self.assertEqual(gone["UnsuccessfulFaceDeletions"], [{"FaceId": unknown, "Reasons": ["FACE_NOT_FOUND"]}])
        found = self.client.search_faces(CollectionId=self.id, FaceId=ids[0])
        self.assertEqual([match["Face"]["FaceId"] for match in found["FaceMatches"]], [ids[2]])
        self.assert_code("InvalidParameterException", self.client.search_faces, CollectionId=self.id, FaceId=ids[1])

    def test_who_is_not_indexed_is_told_with_the_reason(self):
        pair = changed("split[a][b];[b]scale=iw*0.8:ih*0.8,pad=iw:512[c];[a][c]hstack")
        answer = self.index(pair, MaxFaces=1)
        self.assertEqual(len(answer["FaceRecords"]), 1)
        (other,) = answer["UnindexedFaces"]
        self.assertEqual(other["Reasons"], ["EXCEEDS_MAX_FACES"])
        largest = answer["FaceRecords"][0]["FaceDetail"]["BoundingBox"]
        self.assertGreater(largest["Width"], other["FaceDetail"]["BoundingBox"]["Width"])
        small = changed("scale=100:-1,scale=512:-1,gblur=sigma=5")
        answer = self.index(small, QualityFilter="HIGH")
        self.assertEqual(answer["FaceRecords"], [])
        for face in answer["UnindexedFaces"]:
            self.assertTrue(face["Reasons"])

    def test_pictures_without_a_face(self):
        coffee = (PICTURES / "coffee.png").read_bytes()
        self.assertEqual(self.index(coffee)["FaceRecords"], [])
        answer = self.assert_code("InvalidParameterException", self.client.search_faces_by_image,
                                  CollectionId=self.id, Image={"Bytes": coffee})
        self.assertIn("no faces", answer["Error"]["Message"])
        self.assert_code("InvalidImageFormatException", self.index, b"no picture")

    def test_users_are_not_there(self):
        self.assert_code("ResourceNotFoundException", self.client.list_faces, CollectionId=self.id, UserId="me")


class Crash(WireTest):
    def test_what_was_acknowledged_survives_a_kill(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(data=folder)
            client = server.client("rekognition")
            client.create_collection(CollectionId="crew")
            acknowledged = []

            def fill(*_):
                answer = client.index_faces(CollectionId="crew", Image={"Bytes": astronaut()})
                acknowledged.append(answer["FaceRecords"][0]["Face"]["FaceId"])

            server.kill_at_work(fill, until=lambda: len(acknowledged) >= 3)
            server = Server(data=folder)
            client = server.client("rekognition")
            faces = [face["FaceId"] for face in client.list_faces(CollectionId="crew")["Faces"]]
            self.assertEqual(faces[:len(acknowledged)], acknowledged)
            found = client.search_faces(CollectionId="crew", FaceId=acknowledged[0])
            self.assertEqual({match["Face"]["FaceId"] for match in found["FaceMatches"]}, set(faces[1:]))
            self.assertEqual(client.describe_collection(CollectionId="crew")["FaceCount"], len(faces))
            server.stop()

    def test_what_was_deleted_stays_deleted(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(data=folder)
            client = server.client("rekognition")
            client.create_collection(CollectionId="crew")
            while len(faces := [face["FaceId"] for face in
                                client.list_faces(CollectionId="crew", MaxResults=100)["Faces"]]) < 12:
                client.index_faces(CollectionId="crew", Image={"Bytes": astronaut()})
            deleted, tried = [], []

            def delete(_, turn):
                tried.append(faces[:-1][turn])
                deleted.extend(client.delete_faces(CollectionId="crew", FaceIds=tried[-1:])["DeletedFaces"])

            server.kill_at_work(delete, until=lambda: len(deleted) >= 4)
            server = Server(data=folder)
            client = server.client("rekognition")
            left = [face["FaceId"] for face in client.list_faces(CollectionId="crew")["Faces"]]
            self.assertEqual(set(left) & set(deleted), set(), "a deleted face is back")
            self.assertLessEqual(set(faces) - set(tried), set(left), "a face is gone that nobody deleted")
            found = client.search_faces(CollectionId="crew", FaceId=faces[-1], FaceMatchThreshold=0)
            self.assertEqual({match["Face"]["FaceId"] for match in found["FaceMatches"]}, set(left) - {faces[-1]})
            self.assertEqual(client.describe_collection(CollectionId="crew")["FaceCount"], len(left))
            server.stop()


if __name__ == "__main__":
    unittest.main()
