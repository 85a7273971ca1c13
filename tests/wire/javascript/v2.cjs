// The SDK v2 (aws-sdk): it knows no AWS_ENDPOINT_URL, so every client is told its endpoint.
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const AWS = require("aws-sdk");
const { byName, endpoint, failure, loopbackAgent, picture, picturePath, run, sleep, unique } = require("./cases.cjs");

AWS.config.update({ endpoint, maxRetries: 0 });
const s3 = new AWS.S3({ s3ForcePathStyle: true });
const rekognition = new AWS.Rekognition();
const sqs = new AWS.SQS();
const sts = new AWS.STS();
const MIB = 1 << 20;
const astronaut = { Bytes: picture("astronaut.png") };

async function bucket(client = s3) {
  const Bucket = unique("v2");
  await client.createBucket({ Bucket }).promise();
  return Bucket;
}

async function comeAndGo(client) {
  const Bucket = await bucket(client);
  const bodies = { "a b/ü+%&=~.txt": "hellö", buffer: astronaut.Bytes, empty: "" };
  for (const [Key, Body] of Object.entries(bodies)) {
    const put = await client.putObject({ Bucket, Key, Body, Metadata: { colour: "blue" } }).promise();
    const got = await client.getObject({ Bucket, Key }).promise();
    assert.ok(got.Body.equals(Buffer.from(Body)), Key);
    assert.equal(got.ETag, put.ETag);
    assert.deepEqual(got.Metadata, { colour: "blue" });
  }
  await client.putObject({ Bucket, Key: "file", Body: fs.createReadStream(picturePath("astronaut.png")) }).promise();
  const chunks = [];
  for await (const chunk of client.getObject({ Bucket, Key: "file" }).createReadStream()) chunks.push(chunk);
  assert.ok(astronaut.Bytes.equals(Buffer.concat(chunks)));
  const first = await client.listObjectsV2({ Bucket, MaxKeys: 3 }).promise();
  const rest = await client.listObjectsV2({ Bucket, ContinuationToken: first.NextContinuationToken }).promise();
  const Objects = [...first.Contents, ...rest.Contents].map(({ Key }) => ({ Key }));
  assert.deepEqual(Objects.map(({ Key }) => Key), [...Object.keys(bodies), "file"].sort());
  assert.equal((await client.deleteObjects({ Bucket, Delete: { Objects } }).promise()).Deleted.length, 4);
  await client.deleteBucket({ Bucket }).promise();
  assert.equal((await failure(client.listObjectsV2({ Bucket }).promise())).code, "NoSuchBucket");
}

async function presign(client) {
  const Bucket = await bucket();
  const Key = "a b/ü.txt";
  const put = await client.getSignedUrlPromise("putObject", { Bucket, Key, ContentType: "text/plain" });
  const stored = await fetch(put, { method: "PUT", body: "signed", headers: { "content-type": "text/plain" } });
  assert.equal(stored.status, 200, await stored.text());
  const get = client.getSignedUrl("getObject", { Bucket, Key, Expires: 60, ResponseContentDisposition: 'inline; filename="a b"' });
  const got = await fetch(get);
  assert.equal(await got.text(), "signed");
  assert.equal(got.headers.get("content-disposition"), 'inline; filename="a b"');
  const forged = await fetch(get.replace(/(Signature=)(.)/, (_, name, letter) => name + (letter === "a" ? "b" : "a")));
  assert.equal(forged.status, 403);
  assert.match(await forged.text(), /<Code>SignatureDoesNotMatch</);
  return get;
}

run({
  async buckets_by_path() {
    await comeAndGo(s3);
  },

  async buckets_by_virtual_host() {
    await comeAndGo(new AWS.S3({ endpoint: byName, httpOptions: { agent: loopbackAgent() } }));
  },

  async presigned_by_the_older_signature() {
    assert.match(await presign(s3), /[?&]AWSAccessKeyId=/);
  },

  async presigned_by_the_newer_signature() {
    assert.match(await presign(new AWS.S3({ s3ForcePathStyle: true, signatureVersion: "v4" })), /[?&]X-Amz-Signature=/);
  },

  async requests_signed_the_older_way_are_told_so() {
    const older = new AWS.S3({ s3ForcePathStyle: true, signatureVersion: "v2" });
    assert.equal((await failure(older.listBuckets().promise())).statusCode, 400);
  },

  async uploads_in_parts() {
    const Bucket = await bucket();
    const data = Buffer.alloc(11 * MIB + 3, "part");
    const upload = s3.upload({ Bucket, Key: "big", Body: data }, { partSize: 5 * MIB, queueSize: 3 });
    assert.match((await upload.promise()).ETag, /^"[0-9a-f]{32}-3"$/);
    assert.ok(data.equals((await s3.getObject({ Bucket, Key: "big" }).promise()).Body));
    const small = await s3.upload({ Bucket, Key: "file", Body: fs.createReadStream(picturePath("astronaut.png")) }).promise();
    assert.equal(small.Key, "file");
    const part = await s3.getObject({ Bucket, Key: "big", Range: "bytes=1-4" }).promise();
    assert.equal(part.Body.toString(), "artp");
    const copy = await s3.copyObject({ Bucket, Key: "copy", CopySource: `${Bucket}/file` }).promise();
    assert.equal(copy.CopyObjectResult.ETag, small.ETag);
  },

  async errors_have_codes() {
    const Bucket = await bucket();
    const none = await failure(s3.getObject({ Bucket, Key: "none" }).promise());
    assert.deepEqual([none.code, none.statusCode, none.retryable], ["NoSuchKey", 404, false]);
    assert.ok(none.requestId && none.extendedRequestId);
    assert.equal((await failure(s3.headObject({ Bucket, Key: "none" }).promise())).code, "NotFound");
    assert.equal((await failure(s3.headBucket({ Bucket: unique("none") }).promise())).code, "NotFound");
    assert.equal((await failure(s3.getObject({ Bucket: unique("none"), Key: "x" }).promise())).code, "NoSuchBucket");
    const forger = { s3ForcePathStyle: true, secretAccessKey: "forged", accessKeyId: process.env.AWS_ACCESS_KEY_ID };
    assert.equal((await failure(new AWS.S3(forger).listBuckets().promise())).code, "SignatureDoesNotMatch");

    const garbage = await failure(rekognition.detectFaces({ Image: { Bytes: "no picture" } }).promise());
    assert.deepEqual([garbage.code, garbage.statusCode], ["InvalidImageFormatException", 400]);
    assert.ok(garbage.requestId);
    const missing = { Image: { S3Object: { Bucket, Name: "none" } } };
    assert.equal((await failure(rekognition.detectFaces(missing).promise())).code, "InvalidS3ObjectException");
    const nowhere = await failure(rekognition.listFaces({ CollectionId: "nowhere" }).promise());
    assert.equal(nowhere.code, "ResourceNotFoundException");
    assert.equal((await failure(new AWS.Rekognition(forger).listCollections().promise())).code, "InvalidSignatureException");
    assert.equal((await failure(new AWS.STS(forger).getCallerIdentity().promise())).code, "SignatureDoesNotMatch");

    const queue = await failure(sqs.getQueueUrl({ QueueName: "none" }).promise());
    assert.equal(queue.code, "AWS.SimpleQueueService.NonExistentQueue");
  },

  async pictures_and_collections() {
    const Bucket = await bucket();
    await s3.putObject({ Bucket, Key: "one.png", Body: astronaut.Bytes }).promise();
    const sent = await rekognition.detectFaces({ Image: astronaut }).promise();
    const stored = await rekognition.detectFaces({ Image: { S3Object: { Bucket, Name: "one.png" } } }).promise();
    assert.equal(sent.FaceDetails.length, 1);
    assert.deepEqual(stored.FaceDetails, sent.FaceDetails);
    const CollectionId = unique("v2");
    await rekognition.createCollection({ CollectionId }).promise();
    for (const ExternalImageId of ["a", "b"]) {
      await rekognition.indexFaces({ CollectionId, Image: astronaut, ExternalImageId }).promise();
    }
    const found = await rekognition.searchFacesByImage({ CollectionId, Image: astronaut }).promise();
    assert.deepEqual(found.FaceMatches.map((match) => match.Face.ExternalImageId).sort(), ["a", "b"]);
    const faces = [];
    await new Promise((done, fail) => {
      rekognition.listFaces({ CollectionId, MaxResults: 1 }).eachPage((error, page) => {
        if (error) return fail(error);
        if (page === null) return done();
        faces.push(...page.Faces.map((face) => face.ExternalImageId));
        return true;
      });
    });
    assert.deepEqual(faces.sort(), ["a", "b"]);
    const told = await rekognition.describeCollection({ CollectionId }).promise();
    assert.ok(Math.abs(Date.now() - told.CreationTimestamp) < 60000);
    await rekognition.deleteCollection({ CollectionId }).promise();
  },

  async queues_and_identities() {
    const { QueueUrl } = await sqs.createQueue({ QueueName: unique("jobs") }).promise();
    const waiting = sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 10, MessageAttributeNames: ["All"] }).promise();
    await sleep(300);
    const MessageAttributes = { kind: { DataType: "String", StringValue: "blür" } };
    await sqs.sendMessage({ QueueUrl, MessageBody: "hellö <&>", MessageAttributes }).promise();
    const { Messages: [message] } = await waiting;
    assert.equal(message.Body, "hellö <&>");
    assert.equal(message.MessageAttributes.kind.StringValue, "blür");
    await sqs.deleteMessage({ QueueUrl, ReceiptHandle: message.ReceiptHandle }).promise();
    assert.deepEqual((await sqs.receiveMessage({ QueueUrl }).promise()).Messages, []);
    await sqs.deleteQueue({ QueueUrl }).promise();

    assert.equal((await sts.getCallerIdentity().promise()).Arn, "arn:aws:iam::000000000000:user/javascript");
    const { Credentials } = await sts.getSessionToken().promise();
    const session = new AWS.STS({ credentials: sts.credentialsFrom({ Credentials }) });
    assert.equal((await session.getCallerIdentity().promise()).Account, "000000000000");
  },
});
