"""What every folder of tests/upgrade/folders holds: put there with `fill`, looked at with `look`. What a later state adds is
added here with the number of the folder that has it first; what is here is never changed, for it is in the folders."""
import contextlib
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
    fill_permissions(iam)
    rekognition.create_collection(CollectionId="crew")
    rekognition.index_faces(CollectionId="crew", Image={"Bytes": astronaut()}, ExternalImageId="astronaut")
    fill_0003(s3, sqs)
    s3.put_bucket_policy(Bucket="kept", Policy=POLICY)  # since 4


def fill_0003(s3, sqs):
    """An event that is delivered, and one that waits for its queue."""
    from test_notifications import notify
    s3.create_bucket(Bucket="notified")
    sqs.create_queue(QueueName="notified", Attributes={"MessageRetentionPeriod": "1209600"})
    notify(s3, "notified", "notified")
    s3.put_object(Bucket="notified", Key="delivered", Body=SMALL)
    s3.create_bucket(Bucket="waits")
    notify(s3, "waits", "later")
    s3.put_object(Bucket="waits", Key="waiting", Body=SMALL)


def allow(action, resource="*"):
    return json.dumps({"Version": "2012-10-17",
                       "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]})


def fill_permissions(iam):
    """From 0004 on. Users of folders before may do everything."""
    iam.attach_user_policy(UserName="ada", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.create_group(GroupName="crew", Path="/ship/")
    iam.create_user(UserName="eve", Path="/ship/", Tags=[{"Key": "team", "Value": "red"}])
    iam.add_user_to_group(GroupName="crew", UserName="eve")
    iam.put_group_policy(GroupName="crew", PolicyName="read", PolicyDocument=allow("s3:GetObject", "arn:aws:s3:::kept/*"))
    managed = iam.create_policy(PolicyName="assume", PolicyDocument=allow("s3:*"))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=managed, PolicyDocument=allow("sts:AssumeRole"), SetAsDefault=True)
    iam.attach_user_policy(UserName="eve", PolicyArn=managed)
    iam.create_role(RoleName="worker", Path="/jobs/", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "000000000000"},
                                                "Action": "sts:AssumeRole"}]}))
    iam.put_role_policy(RoleName="worker", PolicyName="write", PolicyDocument=allow("s3:PutObject"))


def look_at_permissions(test, server, number):
    iam = server.client("iam")
    (ada,) = [user for user in iam.list_users()["Users"] if user["UserName"] == "ada"]
    test.assertEqual(iam.list_attached_user_policies(UserName=ada["UserName"])["AttachedPolicies"], [
        {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}])
    if number < 4:
        return
    key = iam.create_access_key(UserName="eve")["AccessKey"]
    eve = key["AccessKeyId"], key["SecretAccessKey"]
    s3 = server.client("s3", *eve)
    s3.get_object(Bucket="kept", Key="small")["Body"].read()
    with test.assertRaises(s3.exceptions.ClientError):
        s3.list_objects_v2(Bucket="kept")
    session = server.client("sts", *eve).assume_role(
        RoleArn="arn:aws:iam::000000000000:role/jobs/worker", RoleSessionName="night")["Credentials"]
    worker = server.client("s3", session["AccessKeyId"], session["SecretAccessKey"],
                           aws_session_token=session["SessionToken"])
    worker.put_object(Bucket="kept", Key="worked", Body=b"")
    with test.assertRaises(s3.exceptions.ClientError):
        worker.get_object(Bucket="kept", Key="small")
    iam.delete_access_key(UserName="eve", AccessKeyId=eve[0])


def freshen(folder):
    """Messages are kept for two weeks at most, and an event is given up after a day: as if they had been sent just now."""
    now = int(time.time() * 1000)
    with contextlib.closing(sqlite3.connect(folder / "queues.db")) as tables, tables:
        tables.execute("UPDATE messages SET sent = ?, visible = 0", (now,))
    with contextlib.closing(sqlite3.connect(folder / "buckets.db")) as tables, tables:
        if tables.execute("SELECT name FROM sqlite_master WHERE name = 'events'").fetchall():
            tables.execute("UPDATE events SET created = ?, due = ?", (now, now))


def look(test, start, number):
    """`start(*flags)` starts a server on the folder with that number."""
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

    if number >= 4:
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
    if number >= 3:
        look_0003(test, s3, sqs)
    look_at_permissions(test, server, number)
    key = s3.get_object(Bucket="kept", Key="key")["Body"].read().decode().split()
    test.assertEqual(server.stop(), 0)

    enforced = start("--enforced")
    arn = enforced.client("sts", *key).get_caller_identity()["Arn"]
    test.assertTrue(arn.endswith(":user/ada"), arn)
    test.assertEqual(enforced.client("s3", *key).get_object(Bucket="kept", Key="small")["Body"].read(), SMALL)


def look_0003(test, s3, sqs):
    from test_notifications import drain, keys_of
    later = sqs.create_queue(QueueName="later")["QueueUrl"]
    notified = sqs.get_queue_url(QueueName="notified")["QueueUrl"]
    for bucket in ("notified", "waits"):
        s3.put_object(Bucket=bucket, Key="new", Body=SMALL)
    test.assertEqual(sorted(keys_of(drain(sqs, notified, 2))), ["delivered", "new"])
    test.assertEqual(sorted(keys_of(drain(sqs, later, 2, patience=60))), ["new", "waiting"])
