"""AWS itself in the place of a server, for `./sightline test --aws`: the account of the environment's credentials, in
AWS_REGION (us-east-1), or whatever speaks its protocols at AWS_ENDPOINT_URL. What only a server of the test's own can show is
skipped. The account should hold nothing: tests list what is there, and what they make is removed at the end, as far as that
goes. Calls of Rekognition cost money."""
import contextlib
import os
import unittest
import uuid

ENABLED = os.environ.get("SIGHTLINE_AWS") == "1"
# Names of buckets are the world's: each gets this before it on its way out, and loses it on its way back.
PREFIX = f"sightline-{uuid.uuid4().hex[:8]}-"
REMOVE = {("s3", "CreateBucket"): "Bucket", ("sqs", "CreateQueue"): "QueueName", ("iam", "CreateUser"): "UserName",
          ("rekognition", "CreateCollection"): "CollectionId"}


def prefixed(params, **_):
    if "Bucket" in params:
        params["Bucket"] = PREFIX + params["Bucket"]
    source = params.get("CopySource")
    if isinstance(source, dict):
        params["CopySource"] = {**source, "Bucket": PREFIX + source["Bucket"]}
    elif source:
        params["CopySource"] = PREFIX + source.lstrip("/")
    image = params.get("Image", params.get("Video", {}))
    if "S3Object" in image:
        image["S3Object"] = {**image["S3Object"], "Bucket": PREFIX + image["S3Object"]["Bucket"]}


def without_prefix(value):
    if isinstance(value, dict):
        return {name: without_prefix(member) for name, member in value.items()}
    if isinstance(value, list):
        return [without_prefix(member) for member in value]
    return value.replace(PREFIX, "") if isinstance(value, str) else value


def restored(parsed, **_):
    parsed.update(without_prefix({name: value for name, value in parsed.items() if name != "Body"}))


class Aws:
    """What tests use of server.Server, as far as AWS has it."""

    def __init__(self, boto3, config):
        self.boto3, self.config = boto3, config
        self.made = []  # (service, name), in the order of their making

    def client(self, service, key="test", secret="test", config=None, **more):  # noqa: S107
        known = {} if key == "test" else {"aws_access_key_id": key, "aws_secret_access_key": secret}
        client = self.boto3.client(service, region_name=os.environ.get("AWS_REGION", "us-east-1"),
                                   config=self.config.merge(config) if config else self.config, **known, **more)
        events = client.meta.events
        def remember(params, model, **_):
            if name := REMOVE.get((service, model.name)):
                self.made.append((service, params.get(name)))

        events.register_first(f"provide-client-params.{service}", remember)
        if service in ("s3", "rekognition"):
            events.register(f"provide-client-params.{service}", prefixed)
            events.register_last(f"after-call.{service}", restored)
        return client

    def __getattr__(self, name):
        raise unittest.SkipTest(f"only of a server of one's own: {name}")

    def stop(self):
        for service, name in reversed(self.made):
            with contextlib.suppress(Exception):
                getattr(self, f"remove_{service}")(self.client(service), name)
        return 0

    @staticmethod
    def remove_s3(client, bucket):
        for upload in client.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
            client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for entry in page.get("Contents", []):
                client.delete_object(Bucket=bucket, Key=entry["Key"])
        client.delete_bucket(Bucket=bucket)

    @staticmethod
    def remove_sqs(client, name):
        client.delete_queue(QueueUrl=client.get_queue_url(QueueName=name)["QueueUrl"])

    @staticmethod
    def remove_iam(client, name):
        for key in client.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            client.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        client.delete_user(UserName=name)

    @staticmethod
    def remove_rekognition(client, name):
        client.delete_collection(CollectionId=name)
