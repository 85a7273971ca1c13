"""What every folder of tests/upgrade/folders holds: put there with `fill`, looked at with `look`. What a later state adds is
added here with the number of the folder that has it first; what is here is never changed, for it is in the folders."""
import json
import sqlite3
import time

SMALL = b"small"
LARGE = bytes(range(256)) * 4096
PARTS = [b"p" * (5 << 20), b"the end"]
MESSAGES = ("one", "two", "three")
POLICY = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"},
                                                            "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::kept"}})


def astronaut():
    from server import PICTURES
    return (PICTURES / "astronaut.png").read_bytes()


def fill(server):
    s3, sqs, iam, rekognition = (server.client(name) for name in ("s3", "sqs", "iam", "rekognition"))
    s3.create_bucket(Bucket="kept")
    s3.put_object(Bucket="kept", Key="small", Body=SMALL, ContentType="text/plain", Metadata={"colour": "blue"})
    s3.put_object(Bucket="kept", Key="large", Body=LARGE)
    s3.put_object(Bucket="kept", Key="gone", Body=b"gone")
    s3.delete_object(Bucket="kept", Key="gone")
    upload = {"Bucket": "kept", "Key": "parts", "UploadId": s3.create_multipart_upload(Bucket="kept", Key="parts")["UploadId"]}
    parts = [{"PartNumber": n, "ETag": s3.upload_part(PartNumber=n, Body=body, **upload)["ETag"]}
             for n, body in enumerate(PARTS, 1)]
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)
    upload = {"Bucket": "kept", "Key": "begun", "UploadId": s3.create_multipart_upload(Bucket="kept", Key="begun")["UploadId"]}
    s3.upload_part(PartNumber=1, Body=b"part", **upload)
    url = sqs.create_queue(QueueName="jobs", Attributes={"MessageRetentionPeriod": "1209600"})["QueueUrl"]
    for body in MESSAGES:
        sqs.send_message(QueueUrl=url, MessageBody=body,
                         MessageAttributes={"n": {"DataType": "Number", "StringValue": "1"}})
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    s3.put_object(Bucket="kept", Key="key", Body=f"{key['AccessKeyId']} {key['SecretAccessKey']}".encode())
    rekognition.create_collection(CollectionId="crew")
    rekognition.index_faces(CollectionId="crew", Image={"Bytes": astronaut()}, ExternalImageId="astronaut")
    s3.put_bucket_policy(Bucket="kept", Policy=POLICY)  # since 3


def freshen(folder):
    """Messages are kept for two weeks at most: as if they had been sent just now."""
    tables = sqlite3.connect(folder / "queues.db")
    tables.execute("UPDATE messages SET sent = ?, visible = 0", (int(time.time() * 1000),))
    tables.commit()
    tables.close()


def look(test, start, number):
    """`start(*flags)` starts a server on the folder of this number."""
    server = start()
    s3, sqs = server.client("s3"), server.client("sqs")
    listed = {entry["Key"]: entry["Size"] for entry in s3.list_objects_v2(Bucket="kept")["Contents"]}
    test.assertEqual(listed, {"key": listed["key"], "large": len(LARGE), "parts": sum(map(len, PARTS)), "small": len(SMALL)})
    small = s3.get_object(Bucket="kept", Key="small")
    test.assertEqual((small["Body"].read(), small["ContentType"], small["Metadata"]),
                     (SMALL, "text/plain", {"colour": "blue"}))
    test.assertEqual(s3.get_object(Bucket="kept", Key="large")["Body"].read(), LARGE)
    test.assertEqual(s3.get_object(Bucket="kept", Key="parts")["Body"].read(), b"".join(PARTS))
    (upload,) = s3.list_multipart_uploads(Bucket="kept")["Uploads"]
    begun = {"Bucket": "kept", "Key": "begun", "UploadId": upload["UploadId"]}
    (part,) = s3.list_parts(**begun)["Parts"]
    s3.complete_multipart_upload(MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}, **begun)
    test.assertEqual(s3.get_object(Bucket="kept", Key="begun")["Body"].read(), b"part")

    if number >= 3:
        test.assertEqual(s3.get_bucket_policy(Bucket="kept")["Policy"], POLICY)
    test.assertTrue(s3.get_public_access_block(Bucket="kept")["PublicAccessBlockConfiguration"]["BlockPublicPolicy"])

    url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    received = {}
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get("Messages"):
        received |= {message["Body"]: message["MessageAttributes"]["n"]["StringValue"] for message in messages}
    test.assertEqual(received, {body: "1" for body in MESSAGES})

    client = server.client("rekognition")
    test.assertEqual(client.describe_collection(CollectionId="crew")["FaceCount"], 1)
    (match,) = client.search_faces_by_image(CollectionId="crew", Image={"Bytes": astronaut()})["FaceMatches"]
    test.assertEqual(match["Face"]["ExternalImageId"], "astronaut")
    key = s3.get_object(Bucket="kept", Key="key")["Body"].read().decode().split()
    test.assertEqual(server.stop(), 0)

    enforced = start("--enforced")
    arn = enforced.client("sts", *key).get_caller_identity()["Arn"]
    test.assertTrue(arn.endswith(":user/ada"), arn)
    test.assertEqual(enforced.client("s3", *key).get_object(Bucket="kept", Key="small")["Body"].read(), SMALL)
