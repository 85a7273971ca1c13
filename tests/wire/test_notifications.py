"""What buckets send to queues, as boto3 sees it."""
import json
import tempfile
import time
import unittest
from pathlib import Path

from server import Server, ServerTest, boto3

from boto3.s3.transfer import TransferConfig

ACCOUNT = "000000000000"
EVERYTHING = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]


def arn_of(queue, region="us-east-1", account=ACCOUNT):
    return f"arn:aws:sqs:{region}:{account}:{queue}"


def drain(sqs, url, enough=0, patience=20.0):
    """Bodies of messages, as JSON, until there are `enough` and no more come at once; they are deleted."""
    bodies = []
    end = time.monotonic() + patience
    while True:
        wait = 1 if len(bodies) < enough and time.monotonic() < end else 0
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=wait).get("Messages", [])
        for message in messages:
            bodies.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        if not messages and not wait:
            return bodies


def keys_of(bodies):
    return [record["s3"]["object"]["key"] for body in bodies for record in body["Records"]]


def notify(s3, bucket, queue, events=EVERYTHING):
    """Of a bucket's objects, whether the queue is there or not."""
    s3.put_bucket_notification_configuration(
        Bucket=bucket, SkipDestinationValidation=True,
        NotificationConfiguration={"QueueConfigurations": [{"QueueArn": arn_of(queue), "Events": events}]})


class Notifications(ServerTest):
    """Each test has a bucket and a queue of its own, both named like the test."""

    def setUp(self):
        self.s3, self.sqs = self.client("s3"), self.client("sqs")
        self.name = self.id().rsplit(".", 1)[1].replace("_", "-")[:60].rstrip("-")
        self.s3.create_bucket(Bucket=self.name)
        self.url = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]

    def queue(self, *events, arn=None, rules=None, name=None):
        """A QueueConfiguration."""
        made = {"QueueArn": arn or arn_of(self.name), "Events": list(events)}
        if name:
            made["Id"] = name
        if rules is not None:
            made["Filter"] = {"Key": {"FilterRules": [{"Name": key, "Value": value} for key, value in rules]}}
        return made

    def configure(self, *queues, skip=False, **more):
        wanted = {"QueueConfigurations": list(queues), **more} if queues else more
        self.s3.put_bucket_notification_configuration(Bucket=self.name, NotificationConfiguration=wanted,
                                                      SkipDestinationValidation=skip)

    def configured(self):
        answer = self.s3.get_bucket_notification_configuration(Bucket=self.name)
        answer.pop("ResponseMetadata")
        return answer

    def put(self, key, body=b"something"):
        return self.s3.put_object(Bucket=self.name, Key=key, Body=body)

    def records(self, enough):
        return [record for body in drain(self.sqs, self.url, enough) for record in body.get("Records", [])]

    def refused(self, *queues, code="InvalidArgument", **more):
        """The error of a configuration that is not taken; nothing has changed."""
        before = self.configured()
        answer = self.assert_code(code, self.configure, *queues, **more)["Error"]
        self.assertEqual(self.configured(), before)
        return answer

    def test_a_queue_is_told_that_it_will_be_told(self):
        self.configure(self.queue(*EVERYTHING))
        (body,) = drain(self.sqs, self.url, 1)
        self.assertEqual((body["Service"], body["Event"], body["Bucket"]), ("Amazon S3", "s3:TestEvent", self.name))
        self.assertEqual(set(body), {"Service", "Event", "Time", "Bucket", "RequestId", "HostId"})
        self.configure(self.queue(*EVERYTHING), skip=True)
        self.assertEqual(drain(self.sqs, self.url), [])

    def test_every_change_is_told(self):
        self.configure(self.queue(*EVERYTHING, name="mine"), skip=True)
        answer = self.put("a b/c@d", b"something")
        self.s3.copy_object(Bucket=self.name, Key="copy", CopySource={"Bucket": self.name, "Key": "a b/c@d"})
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "parts")
            file.write_bytes(b"1" * (6 << 20))
            self.s3.upload_file(str(file), self.name, "parts", Config=TransferConfig(multipart_threshold=5 << 20,
                                                                                    multipart_chunksize=5 << 20))
        self.s3.delete_object(Bucket=self.name, Key="copy")
        self.s3.delete_objects(Bucket=self.name, Delete={"Objects": [{"Key": "parts"}, {"Key": "never was"}]})
        records = sorted(self.records(6), key=lambda record: record["s3"]["object"]["sequencer"])
        self.assertEqual([(record["eventName"], record["s3"]["object"]["key"]) for record in records],
                         [("ObjectCreated:Put", "a+b/c%40d"), ("ObjectCreated:Copy", "copy"),
                          ("ObjectCreated:CompleteMultipartUpload", "parts"), ("ObjectRemoved:Delete", "copy"),
                          ("ObjectRemoved:Delete", "parts"), ("ObjectRemoved:Delete", "never+was")])
        put = records[0]
        self.assertEqual((put["eventVersion"], put["eventSource"], put["awsRegion"]), ("2.1", "aws:s3", "us-east-1"))
        self.assertRegex(put["eventTime"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(put["userIdentity"], {"principalId": f"AWS:{ACCOUNT}"})
        self.assertEqual(put["requestParameters"], {"sourceIPAddress": "127.0.0.1"})
        self.assertEqual(put["responseElements"], {"x-amz-request-id": answer["ResponseMetadata"]["RequestId"],
                                                   "x-amz-id-2": answer["ResponseMetadata"]["HostId"]})
        self.assertEqual(put["s3"]["s3SchemaVersion"], "1.0")
        self.assertEqual(put["s3"]["configurationId"], "mine")
        self.assertEqual(put["s3"]["bucket"], {"name": self.name, "ownerIdentity": {"principalId": ACCOUNT},
                                               "arn": f"arn:aws:s3:::{self.name}"})
        self.assertEqual((put["s3"]["object"]["size"], put["s3"]["object"]["eTag"]),
                         (9, "437b930db84b8079c2dd804a71936b5f"))
        self.assertEqual(set(records[3]["s3"]["object"]), {"key", "sequencer"}, "what is gone has no content")

    def test_those_are_told_who_ask(self):
        other = self.name[:50] + "-other"
        other_url = self.sqs.create_queue(QueueName=other)["QueueUrl"]
        self.configure(self.queue("s3:ObjectCreated:*", rules=[("prefix", "in/"), ("suffix", ".jpg")]),
                       self.queue("s3:ObjectRemoved:Delete", arn=arn_of(other)), skip=True)
        for key in ("in/a.jpg", "in/a.png", "out/a.jpg"):
            self.put(key)
            self.s3.delete_object(Bucket=self.name, Key=key)
        self.assertEqual([record["s3"]["object"]["key"] for record in self.records(1)], ["in/a.jpg"])
        self.assertEqual(len(drain(self.sqs, other_url, 3)), 3)
        self.configure()
        self.put("in/b.jpg")
        time.sleep(0.5)
        self.assertEqual(drain(self.sqs, self.url), [])

    def test_a_configuration_is_kept_as_it_was_given(self):
        self.assertEqual(self.configured(), {})
        self.configure(self.queue("s3:ObjectCreated:*", "s3:ObjectRemoved:Delete", name="one",
                                  rules=[("PREFIX", "in/"), ("suffix", "")]),
                       self.queue("s3:ObjectTagging:*", name="two"))
        self.assertEqual(self.configured(), {"QueueConfigurations": [
            self.queue("s3:ObjectCreated:*", "s3:ObjectRemoved:Delete", name="one",
                       rules=[("Prefix", "in/"), ("Suffix", "")]),
            self.queue("s3:ObjectTagging:*", name="two")]})
        self.configure(self.queue(*["s3:ObjectCreated:Put"] * 1000))
        (only,) = self.configured()["QueueConfigurations"]
        self.assertTrue(only["Id"], "one without a name gets one")
        self.assertEqual(only["Events"], ["s3:ObjectCreated:Put"], "each once")
        self.configure()
        self.assertEqual(self.configured(), {})

    def test_a_destination_must_be_there(self):
        gone, gone_too = arn_of("gone"), arn_of("gone-too")
        error = self.refused(self.queue("s3:ObjectCreated:*", arn=gone), self.queue("s3:ObjectRemoved:*", arn=gone_too))
        self.assertEqual(error["Message"], "Unable to validate the following destination configurations")
        self.assertEqual((error["ArgumentName1"], error["ArgumentName2"]), (gone, gone_too))
        self.assertEqual(error["ArgumentValue1"], "The destination queue does not exist")
        self.configure(self.queue("s3:ObjectCreated:*", arn=gone), skip=True)
        self.put("told to nobody")
        error = self.refused(self.queue("s3:ObjectCreated:*", arn=arn_of(self.name, account="111122223333")))
        self.assertEqual(error["ArgumentValue1"], "Permissions on the destination queue do not allow S3 to publish "
                                                  "notifications from this bucket")
        for skip in (False, True):
            error = self.refused(self.queue("s3:ObjectCreated:*", arn="invalid-queue"), skip=skip)
            self.assertEqual((error["Message"], error["ArgumentName"], error["ArgumentValue"]),
                             ("The ARN could not be parsed", "Queue", "invalid-queue"))
        error = self.refused(self.queue("s3:ObjectCreated:*", arn=arn_of(self.name, region="eu-west-1")))
        self.assertEqual(error["Message"],
                         "The notification destination service region is not valid for the bucket location constraint")

    def test_what_is_not_there_yet_is_refused(self):
        for more, words in (
                ({"EventBridgeConfiguration": {}}, "EventBridge"),
                ({"TopicConfigurations": [{"TopicArn": "arn:aws:sns:us-east-1:000000000000:t",
                                           "Events": ["s3:ObjectCreated:*"]}]}, "SNS topics"),
                ({"LambdaFunctionConfigurations": [{"LambdaFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f",
                                                    "Events": ["s3:ObjectCreated:*"]}]}, "Lambda functions")):
            with self.subTest(words):
                for skip in (False, True):
                    error = self.refused(code="NotImplemented", skip=skip, **more)
                    self.assertIn(words, error["Message"])

    def test_overlaps_and_mistakes_are_refused(self):
        created = "s3:ObjectCreated:*"
        error = self.refused(self.queue(created), self.queue("s3:ObjectRemoved:*", created))
        self.assertEqual(error["Message"],
                         "Configurations overlap. Configurations on the same bucket cannot share a common event type.")
        self.assertEqual((error["ArgumentName"], error["ArgumentValue"]), ("Event", f"{created}, {created}"))
        error = self.refused(self.queue("s3:ObjectCreated:Put", rules=[("prefix", "images/")]), self.queue(created))
        self.assertEqual(error["Message"],
                         "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the "
                         "prefixes are overlapping for the same event type.")
        for queues, message in (
                ([self.queue("s3:ObjectPainted:*")], "The event is not supported for notifications"),
                ([self.queue(created, rules=[("infix", "x")])], "filter rule name must be either prefix or suffix"),
                ([self.queue(created, rules=[("prefix", "x"), ("Prefix", "y")])],
                 "Cannot specify more than one prefix rule in a filter."),
                ([self.queue(created, rules=[("suffix", "x" * 1025)])],
                 "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation"),
                ([self.queue(created, name="a"), self.queue("s3:ObjectRemoved:*", name="a")],
                 "Same ID used for multiple configurations. IDs must be unique")):
            with self.subTest(message):
                self.assertEqual(self.refused(*queues)["Message"], message)
        self.assert_code("NoSuchBucket", self.s3.put_bucket_notification_configuration, Bucket="none-of-that-name",
                         NotificationConfiguration={})
        self.assert_code("NoSuchBucket", self.s3.get_bucket_notification_configuration, Bucket="none-of-that-name")
        self.assert_code("AccessDenied", self.s3.get_bucket_notification_configuration, Bucket=self.name,
                         ExpectedBucketOwner="111122223333")

    def test_the_trace_header_comes_along(self):
        trace = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1"
        self.configure(self.queue("s3:ObjectCreated:*"), skip=True)

        def add_header(request, **_):
            request.headers["X-Amzn-Trace-Id"] = trace

        self.s3.meta.events.register("before-send.s3.*", add_header)
        self.put("traced")
        (message,) = self.sqs.receive_message(QueueUrl=self.url, WaitTimeSeconds=10,
                                              AttributeNames=["AWSTraceHeader", "SenderId"])["Messages"]
        self.assertEqual(message["Attributes"], {"AWSTraceHeader": trace, "SenderId": "s3.amazonaws.com"})

    def test_buckets_elsewhere_tell_queues_there(self):
        s3, sqs = (boto3.client(service, endpoint_url=self.server.endpoint, region_name="eu-west-1",
                                aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106
                   for service in ("s3", "sqs"))
        name = self.name[:50] + "-eu"
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        s3.put_bucket_notification_configuration(
            Bucket=name, SkipDestinationValidation=True, NotificationConfiguration={
                "QueueConfigurations": [self.queue("s3:ObjectCreated:*", arn=arn_of(name, region="eu-west-1"))]})
        s3.put_object(Bucket=name, Key="k", Body=b"x")
        (body,) = drain(sqs, url, 1)
        self.assertEqual(body["Records"][0]["awsRegion"], "eu-west-1")

    def test_metrics_tell_of_deliveries(self):
        self.configure(self.queue("s3:ObjectCreated:*"))
        self.put("one")
        drain(self.sqs, self.url, 2)
        time.sleep(0.5)
        metrics = dict(line.rsplit(" ", 1) for line in self.server.get("/metrics")[1].splitlines() if line[0] != "#")
        self.assertGreaterEqual(float(metrics["sightline_events_delivered_total"]), 2)
        for name in ("waiting_limit", "dead_limit", "under_way_limit"):
            self.assertGreater(float(metrics[f"sightline_events_{name}"]), 0)
        for name in ("under_way", "errors_total"):
            self.assertEqual(float(metrics[f"sightline_events_{name}"]), 0)


class Crash(unittest.TestCase):
    """The server is killed in the middle of it, again and again."""

    def test_every_acknowledged_change_is_told_after_a_kill(self):
        with tempfile.TemporaryDirectory() as folder:
            put, told = set(), []
            for life in range(3):
                server = Server(data=folder)
                s3, sqs = server.client("s3"), server.client("sqs")
                url = sqs.create_queue(QueueName="told")["QueueUrl"]
                if life == 0:
                    s3.create_bucket(Bucket="told")
                    notify(s3, "told", "told", ["s3:ObjectCreated:*"])
                before = len(put)

                def work(worker, turn):
                    key = f"{life}-{worker}-{turn}"
                    s3.put_object(Bucket="told", Key=key, Body=b"x")
                    put.add(key)

                server.kill_at_work(work, workers=8, until=lambda: len(put) >= before + 60)
            server = Server(data=folder)
            self.addCleanup(server.stop)
            sqs = server.client("sqs")
            url = sqs.create_queue(QueueName="told")["QueueUrl"]
            bodies = drain(sqs, url, len(put))
            told = keys_of(bodies)
            self.assertLessEqual(put, set(told), "an acknowledged change was not reported")
            kept = {entry["Key"] for entry in server.client("s3").list_objects_v2(Bucket="told")["Contents"]}
            self.assertLessEqual(set(told), kept, "something was told that did not happen")
            # A message that was handed out twice counts twice; one that was put into the queue twice does not occur.
            self.assertEqual(len(told), len(set(told)), "a change was told twice")


if __name__ == "__main__":
    unittest.main()
