// Queues and identities through @aws-sdk/client-sqs and client-sts v3.
"use strict";
const assert = require("node:assert/strict");
const SQS = require("@aws-sdk/client-sqs");
const { STS } = require("@aws-sdk/client-sts");
const { endpoint, failure, run, sleep, unique } = require("./cases.cjs");

const sqs = new SQS.SQS({});
const sts = new STS({});

async function queue(Attributes) {
  const QueueName = unique("jobs");
  const { QueueUrl } = await sqs.createQueue({ QueueName, Attributes });
  assert.equal(QueueUrl, `${endpoint}/000000000000/${QueueName}`);
  assert.equal((await sqs.getQueueUrl({ QueueName })).QueueUrl, QueueUrl);
  return QueueUrl;
}

run({
  async sent_received_deleted() {
    const QueueUrl = await queue({ VisibilityTimeout: "30" });
    const MessageAttributes = {
      kind: { DataType: "String", StringValue: "blür" },
      bytes: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255]) },
    };
    // The client compares the MD5 of what it sent and received with what it is told.
    const sent = await sqs.sendMessage({ QueueUrl, MessageBody: "hellö <&>\n", MessageAttributes });
    const { Messages: [message] } = await sqs.receiveMessage({
      QueueUrl, MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All"], MaxNumberOfMessages: 10 });
    assert.equal(message.MessageId, sent.MessageId);
    assert.equal(message.Body, "hellö <&>\n");
    assert.deepEqual(message.MessageAttributes, MessageAttributes);
    assert.equal(message.Attributes.ApproximateReceiveCount, "1");
    await sqs.deleteMessage({ QueueUrl, ReceiptHandle: message.ReceiptHandle });
    assert.equal((await sqs.receiveMessage({ QueueUrl })).Messages, undefined);
    await sqs.deleteQueue({ QueueUrl });
  },

  async waits_for_a_message() {
    const QueueUrl = await queue();
    const begin = Date.now();
    const waiting = sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 10 });
    await sleep(300);
    await sqs.sendMessage({ QueueUrl, MessageBody: "late" });
    assert.equal((await waiting).Messages[0].Body, "late");
    const waited = Date.now() - begin;
    assert.ok(waited >= 290 && waited < 8000, `${waited} ms`);
    assert.equal((await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 1 })).Messages, undefined);
  },

  async a_wait_can_be_given_up() {
    const QueueUrl = await queue();
    const abort = new AbortController();
    const waiting = failure(sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 20 }, { abortSignal: abort.signal }));
    await sleep(200);
    abort.abort();
    assert.equal((await waiting).name, "AbortError");
    await sqs.sendMessage({ QueueUrl, MessageBody: "for who is still there" });
    assert.equal((await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 5 })).Messages.length, 1);
  },

  async errors_have_types() {
    const QueueUrl = `${endpoint}/000000000000/none`;
    const none = await failure(sqs.sendMessage({ QueueUrl, MessageBody: "x" }));
    assert.ok(none instanceof SQS.QueueDoesNotExist);
    assert.equal(none.name, "QueueDoesNotExist");
    assert.equal(none.Code ?? none.Error?.Code, "AWS.SimpleQueueService.NonExistentQueue");
    assert.equal(none.$metadata.httpStatusCode, 400);
    const handle = await failure(sqs.deleteMessage({ QueueUrl: await queue(), ReceiptHandle: "forged" }));
    assert.ok(handle instanceof SQS.ReceiptHandleIsInvalid);
  },

  async identities() {
    const me = await sts.getCallerIdentity({});
    assert.equal(me.Account, "000000000000");
    assert.equal(me.Arn, "arn:aws:iam::000000000000:user/javascript");
    const { Credentials } = await sts.getSessionToken({ DurationSeconds: 900 });
    assert.ok(Credentials.Expiration > new Date());
    const credentials = { accessKeyId: Credentials.AccessKeyId, secretAccessKey: Credentials.SecretAccessKey,
                          sessionToken: Credentials.SessionToken };
    assert.equal((await new STS({ credentials }).getCallerIdentity({})).UserId, me.UserId);
    const forged = { ...credentials, sessionToken: `${credentials.sessionToken}x` };
    assert.equal((await failure(new STS({ credentials: forged }).getCallerIdentity({}))).name, "InvalidClientTokenId");
  },
});
