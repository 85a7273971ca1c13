// Buckets and objects through @aws-sdk/client-s3 v3: bodies of every kind, checksums by default, both addressing styles.
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const { Readable } = require("node:stream");
const { NodeHttpHandler } = require("@smithy/node-http-handler");
const S3 = require("@aws-sdk/client-s3");
const { Upload } = require("@aws-sdk/lib-storage");
const { getSignedUrl } = require("@aws-sdk/s3-request-presigner");
const { byName, failure, loopbackAgent, picture, picturePath, run, unique } = require("./cases.cjs");

const s3 = new S3.S3({});
const MIB = 1 << 20;

async function bucket(client = s3) {
  const Bucket = unique("v3");
  await client.createBucket({ Bucket });
  return Bucket;
}

async function text(Bucket, Key, client = s3) {
  return (await client.getObject({ Bucket, Key })).Body.transformToString();
}

async function comeAndGo(client) {
  const Bucket = await bucket(client);
  const Key = "a b/ü+%&=~.txt";
  await client.putObject({ Bucket, Key, Body: "hellö", ContentType: "text/plain", Metadata: { colour: "blue" } });
  const got = await client.getObject({ Bucket, Key });
  assert.equal(await got.Body.transformToString(), "hellö");
  assert.equal(got.ContentType, "text/plain");
  assert.deepEqual(got.Metadata, { colour: "blue" });
  const listed = await client.listObjectsV2({ Bucket });
  assert.deepEqual(listed.Contents.map((one) => [one.Key, one.Size, one.ETag]), [[Key, 6, got.ETag]]);
  await client.deleteObject({ Bucket, Key });
  assert.equal((await client.listObjectsV2({ Bucket })).KeyCount, 0);
  await client.deleteBucket({ Bucket });
  assert.ok((await failure(client.listObjectsV2({ Bucket }))) instanceof S3.NoSuchBucket);
}

run({
  async by_path() {
    await comeAndGo(s3);
  },

  async by_virtual_host() {
    const hosts = new Set();
    const client = new S3.S3({ endpoint: byName, requestHandler: new NodeHttpHandler({ httpAgent: loopbackAgent() }) });
    client.middlewareStack.add((next) => (call) => {
      hosts.add(call.request.hostname);
      return next(call);
    }, { step: "finalizeRequest", priority: "low" });
    await comeAndGo(client);
    assert.ok([...hosts].every((host) => /^v3-.*\.localhost$/.test(host)), [...hosts].join());
  },

  async bodies_of_every_kind() {
    const Bucket = await bucket();
    const astronaut = picture("astronaut.png");
    const bodies = {
      string: ["text", Buffer.from("text")],
      empty: ["", Buffer.alloc(0)],
      none: [undefined, Buffer.alloc(0)],
      buffer: [astronaut, astronaut],
      array: [new Uint8Array([0, 1, 255]), Buffer.from([0, 1, 255])],
    };
    for (const [Key, [Body, expected]] of Object.entries(bodies)) {
      const put = await s3.putObject({ Bucket, Key, Body });
      const got = await s3.getObject({ Bucket, Key });
      assert.equal(got.ContentLength, expected.length, Key);
      assert.ok(expected.equals(await got.Body.transformToByteArray()), Key);
      assert.equal(got.ChecksumCRC32, put.ChecksumCRC32, Key);
      assert.equal(got.ContentEncoding, undefined, Key);
    }
    await s3.putObject({ Bucket, Key: "file", Body: fs.createReadStream(picturePath("astronaut.png")) });
    assert.ok(astronaut.equals(await (await s3.getObject({ Bucket, Key: "file" })).Body.transformToByteArray()));
    const parts = [Buffer.alloc(100000, "a"), Buffer.alloc(70000, "b"), Buffer.from("c")];
    await s3.putObject({ Bucket, Key: "made", Body: Readable.from(parts), ContentLength: 170001, ContentEncoding: "gzip" });
    const made = await s3.getObject({ Bucket, Key: "made" });
    assert.ok(Buffer.concat(parts).equals(await made.Body.transformToByteArray()));
    assert.equal(made.ContentEncoding, "gzip");
  },

  async checksums_of_every_kind() {
    const Bucket = await bucket();
    const data = picture("coffee.png");
    for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]) {
      for (const Key of ["whole", "streamed"]) {
        const Body = Key === "whole" ? data : fs.createReadStream(picturePath("coffee.png"));
        const put = await s3.putObject({ Bucket, Key, Body, ChecksumAlgorithm });
        const name = `Checksum${ChecksumAlgorithm}`;
        assert.ok(put[name], `${name} ${Key}`);
        const got = await s3.getObject({ Bucket, Key, ChecksumMode: "ENABLED" });
        assert.equal(got[name], put[name]);
        // The client compares what it reads with the checksum that came before it.
        assert.ok(data.equals(await got.Body.transformToByteArray()));
      }
    }
    const wrong = await failure(s3.putObject({ Bucket, Key: "wrong", Body: "text", ChecksumCRC32: "AAAAAA==" }));
    assert.equal(wrong.name, "BadDigest");
    assert.ok((await failure(s3.getObject({ Bucket, Key: "wrong" }))) instanceof S3.NoSuchKey);
    const plain = new S3.S3({ requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" });
    await plain.putObject({ Bucket, Key: "plain", Body: fs.createReadStream(picturePath("coffee.png")) });
    assert.ok(data.equals(await (await plain.getObject({ Bucket, Key: "plain" })).Body.transformToByteArray()));
  },

  async pages_and_folders() {
    const Bucket = await bucket();
    const keys = ["a/1", "a/2", "b &<>/1", "c", "d", "e"];
    await Promise.all(keys.map((Key) => s3.putObject({ Bucket, Key, Body: Key })));
    const found = [];
    for await (const page of S3.paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket })) {
      assert.ok(page.Contents.length <= 2);
      found.push(...page.Contents.map((one) => one.Key));
    }
    assert.deepEqual(found, keys);
    const top = await s3.listObjectsV2({ Bucket, Delimiter: "/" });
    assert.deepEqual(top.CommonPrefixes.map((one) => one.Prefix), ["a/", "b &<>/"]);
    assert.deepEqual(top.Contents.map((one) => one.Key), ["c", "d", "e"]);
    const old = await s3.listObjects({ Bucket, MaxKeys: 4 });
    assert.equal(old.IsTruncated, true);
    const deleted = await s3.deleteObjects({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } });
    assert.equal(deleted.Deleted.length, keys.length);
    assert.equal((await s3.listObjectsV2({ Bucket })).Contents, undefined);
    assert.ok((await s3.listBuckets({})).Buckets.some((one) => one.Name === Bucket && one.CreationDate instanceof Date));
  },

  async uploads_in_parts() {
    const Bucket = await bucket();
    const data = Buffer.alloc(11 * MIB + 3);
    for (let at = 0; at < data.length; at += 4096) data.writeUInt32LE(at, Math.min(at, data.length - 4));
    for (const [Key, Body] of [["whole", data], ["streamed", Readable.from([data.subarray(0, MIB), data.subarray(MIB)])]]) {
      const upload = new Upload({ client: s3, params: { Bucket, Key, Body }, partSize: 5 * MIB, queueSize: 3 });
      const done = await upload.done();
      assert.match(done.ETag, /^"[0-9a-f]{32}-3"$/);
      const got = await s3.getObject({ Bucket, Key });
      assert.ok(data.equals(await got.Body.transformToByteArray()), Key);
    }
    const part = await s3.getObject({ Bucket, Key: "whole", Range: "bytes=4096-8191" });
    assert.equal(part.ContentRange, `bytes 4096-8191/${data.length}`);
    assert.ok(data.subarray(4096, 8192).equals(await part.Body.transformToByteArray()));
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: "left" });
    await s3.uploadPart({ Bucket, Key: "left", UploadId, PartNumber: 1, Body: "part" });
    assert.equal((await s3.listParts({ Bucket, Key: "left", UploadId })).Parts[0].Size, 4);
    await s3.abortMultipartUpload({ Bucket, Key: "left", UploadId });
    assert.ok((await failure(s3.listParts({ Bucket, Key: "left", UploadId }))).name === "NoSuchUpload");
  },

  async copies_and_conditions() {
    const Bucket = await bucket();
    const { ETag } = await s3.putObject({ Bucket, Key: "from", Body: "text" });
    const copy = await s3.copyObject({ Bucket, Key: "to", CopySource: `${Bucket}/from` });
    assert.equal(copy.CopyObjectResult.ETag, ETag);
    assert.ok(copy.CopyObjectResult.LastModified instanceof Date);
    assert.equal(await text(Bucket, "to"), "text");
    const same = await failure(s3.getObject({ Bucket, Key: "from", IfNoneMatch: ETag }));
    assert.equal(same.$metadata.httpStatusCode, 304);
    const other = await failure(s3.getObject({ Bucket, Key: "from", IfMatch: '"0"' }));
    assert.equal(other.name, "PreconditionFailed");
    const there = await failure(s3.putObject({ Bucket, Key: "from", Body: "new", IfNoneMatch: "*" }));
    assert.equal(there.name, "PreconditionFailed");
    await S3.waitUntilObjectExists({ client: s3, maxWaitTime: 10 }, { Bucket, Key: "to" });
  },

  async errors_have_types() {
    const Bucket = unique("none");
    const error = await failure(s3.getObject({ Bucket, Key: "x" }));
    assert.ok(error instanceof S3.NoSuchBucket);
    assert.equal(error.name, "NoSuchBucket");
    assert.equal(error.$fault, "client");
    assert.equal(error.$metadata.httpStatusCode, 404);
    assert.ok(error.$metadata.requestId && error.$metadata.extendedRequestId);
    await s3.createBucket({ Bucket });
    assert.ok((await failure(s3.getObject({ Bucket, Key: "x" }))) instanceof S3.NoSuchKey);
    assert.ok((await failure(s3.headObject({ Bucket, Key: "x" }))) instanceof S3.NotFound);
    assert.ok((await failure(s3.headBucket({ Bucket: unique("none") }))) instanceof S3.NotFound);
    await s3.putObject({ Bucket, Key: "x", Body: "x" });
    assert.equal((await failure(s3.deleteBucket({ Bucket }))).name, "BucketNotEmpty");
    const forger = new S3.S3({ credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: "forged" } });
    assert.equal((await failure(forger.listBuckets({}))).name, "SignatureDoesNotMatch");
  },

  async presigned() {
    const Bucket = await bucket();
    const Key = "a b/ü.txt";
    const put = await getSignedUrl(s3, new S3.PutObjectCommand({ Bucket, Key, ContentType: "text/plain" }), { expiresIn: 60 });
    const stored = await fetch(put, { method: "PUT", body: "signed", headers: { "content-type": "text/plain" } });
    assert.equal(stored.status, 200, await stored.text());
    const get = await getSignedUrl(s3, new S3.GetObjectCommand({ Bucket, Key, ResponseContentType: "text/html" }));
    const got = await fetch(get, { headers: { origin: "https://page.example", "sec-fetch-site": "cross-site" } });
    assert.equal(await got.text(), "signed");
    assert.equal(got.headers.get("content-type"), "text/html");
    assert.equal((await fetch(get.replace("X-Amz-Signature=", "X-Amz-Signature=0"))).status, 403);
  },
});
