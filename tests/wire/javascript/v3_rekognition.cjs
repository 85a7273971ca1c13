// Pictures and collections of faces through @aws-sdk/client-rekognition v3.
"use strict";
const assert = require("node:assert/strict");
const { S3 } = require("@aws-sdk/client-s3");
const R = require("@aws-sdk/client-rekognition");
const { failure, picture, run, unique } = require("./cases.cjs");

const rekognition = new R.Rekognition({});
const astronaut = { Bytes: picture("astronaut.png") };

async function collection() {
  const CollectionId = unique("v3");
  await rekognition.createCollection({ CollectionId });
  return CollectionId;
}

run({
  async faces_in_bytes_and_in_a_bucket() {
    const sent = await rekognition.detectFaces({ Image: astronaut });
    assert.equal(sent.FaceDetails.length, 1);
    const [face] = sent.FaceDetails;
    assert.ok(face.Confidence > 90 && face.BoundingBox.Width > 0.1 && face.BoundingBox.Width < 0.5);
    assert.equal(face.Landmarks.length, 5);
    assert.ok(sent.$metadata.requestId);

    const s3 = new S3({});
    const Bucket = unique("pictures");
    await s3.createBucket({ Bucket });
    await s3.putObject({ Bucket, Key: "a b.png", Body: astronaut.Bytes });
    const stored = await rekognition.detectFaces({ Image: { S3Object: { Bucket, Name: "a b.png" } } });
    assert.deepEqual(stored.FaceDetails, sent.FaceDetails);
    const missing = await failure(rekognition.detectFaces({ Image: { S3Object: { Bucket, Name: "none" } } }));
    assert.ok(missing instanceof R.InvalidS3ObjectException);
    assert.deepEqual((await rekognition.detectFaces({ Image: { Bytes: picture("coffee.png") } })).FaceDetails, []);
  },

  async every_attribute() {
    const { FaceDetails: [face] } = await rekognition.detectFaces({ Image: astronaut, Attributes: ["ALL"] });
    assert.ok(face.Landmarks.length > 25);
    assert.equal(typeof face.EyesOpen.Value, "boolean");
  },

  async two_pictures_of_one_face() {
    const { FaceMatches, UnmatchedFaces } = await rekognition.compareFaces({ SourceImage: astronaut, TargetImage: astronaut });
    assert.equal(FaceMatches.length, 1);
    assert.ok(FaceMatches[0].Similarity > 99);
    assert.deepEqual(UnmatchedFaces, []);
  },

  async labels() {
    const { Labels, LabelModelVersion } = await rekognition.detectLabels({ Image: astronaut, MinConfidence: 50 });
    const person = Labels.find((label) => label.Name === "Person");
    assert.ok(person.Instances.length >= 1 && LabelModelVersion);
    const { ModerationLabels } = await rekognition.detectModerationLabels({ Image: { Bytes: picture("coffee.png") } });
    assert.deepEqual(ModerationLabels, []);
  },

  async a_collection_is_filled_and_searched() {
    const CollectionId = await collection();
    const indexed = await rekognition.indexFaces({ CollectionId, Image: astronaut, ExternalImageId: "eileen" });
    assert.equal(indexed.FaceRecords.length, 1);
    const { FaceId } = indexed.FaceRecords[0].Face;
    const found = await rekognition.searchFacesByImage({ CollectionId, Image: astronaut });
    assert.deepEqual(found.FaceMatches.map((match) => match.Face.ExternalImageId), ["eileen"]);
    assert.ok(found.FaceMatches[0].Similarity > 99);
    assert.deepEqual((await rekognition.searchFaces({ CollectionId, FaceId })).FaceMatches, []);
    const nobody = await failure(rekognition.searchFacesByImage({ CollectionId, Image: { Bytes: picture("coffee.png") } }));
    assert.ok(nobody instanceof R.InvalidParameterException);
    assert.deepEqual((await rekognition.deleteFaces({ CollectionId, FaceIds: [FaceId] })).DeletedFaces, [FaceId]);
    assert.deepEqual((await rekognition.listFaces({ CollectionId })).Faces, []);
    const told = await rekognition.describeCollection({ CollectionId });
    assert.ok(Math.abs(Date.now() - told.CreationTimestamp) < 60000, `${told.CreationTimestamp}`);
    await rekognition.deleteCollection({ CollectionId });
    assert.ok((await failure(rekognition.describeCollection({ CollectionId }))) instanceof R.ResourceNotFoundException);
  },

  async pages() {
    const CollectionId = await collection();
    for (const ExternalImageId of ["a", "b", "c"]) {
      await rekognition.indexFaces({ CollectionId, Image: astronaut, ExternalImageId });
    }
    const faces = [];
    for await (const page of R.paginateListFaces({ client: rekognition, pageSize: 2 }, { CollectionId })) {
      assert.ok(page.Faces.length <= 2);
      faces.push(...page.Faces.map((face) => face.ExternalImageId));
    }
    assert.deepEqual(faces.sort(), ["a", "b", "c"]);
    const ids = [CollectionId, await collection(), await collection()];
    const listed = [];
    for await (const page of R.paginateListCollections({ client: rekognition, pageSize: 1 }, {})) {
      listed.push(...page.CollectionIds);
    }
    assert.deepEqual(ids.filter((id) => !listed.includes(id)), []);
  },

  async errors_have_types() {
    const CollectionId = await collection();
    const again = await failure(rekognition.createCollection({ CollectionId }));
    assert.ok(again instanceof R.ResourceAlreadyExistsException);
    assert.equal(again.name, "ResourceAlreadyExistsException");
    assert.equal(again.$fault, "client");
    assert.equal(again.$metadata.httpStatusCode, 400);
    assert.match(again.message, /already exists/);
    const garbage = await failure(rekognition.detectFaces({ Image: { Bytes: Buffer.from("no picture") } }));
    assert.ok(garbage instanceof R.InvalidImageFormatException);
    const invalid = await failure(rekognition.createCollection({ CollectionId: "no spaces" }));
    assert.equal(invalid.name, "ValidationException");
    assert.match(invalid.message, /^1 validation error detected/);
    const text = await failure(rekognition.detectText({ Image: astronaut }));
    assert.equal(text.$metadata.httpStatusCode, 400);
    assert.equal(text.name, "UnknownOperationException");
    const token = await failure(rekognition.listFaces({ CollectionId, NextToken: "forged" }));
    assert.ok(token instanceof R.InvalidPaginationTokenException);
    const forger = new R.Rekognition({ credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: "forged" } });
    assert.equal((await failure(forger.listCollections({}))).name, "InvalidSignatureException");
  },
});
