"""Queues and their messages, as boto3 sees them; and many who wait at once, on sockets of their own."""
import hashlib
import json
import resource
import socket
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from server import Config, Server, ServerTest, WireTest, boto3

ACCOUNT = "000000000000"


class Queues(ServerTest):
    def setUp(self):
        self.sqs = self.client("sqs")
        self.url = self.sqs.create_queue(QueueName="jobs")["QueueUrl"]
        self.addCleanup(self.delete)

    def delete(self):
        try:
            self.sqs.delete_queue(QueueUrl=self.url)
        except self.sqs.exceptions.QueueDoesNotExist:
            pass

    def receive(self, **more):
        return self.sqs.receive_message(QueueUrl=self.url, **more).get("Messages", [])

    def test_the_address_is_the_one_that_the_client_used(self):
        self.assertEqual(self.url, f"{self.server.endpoint}/{ACCOUNT}/jobs")
        port = urlsplit(self.server.endpoint).port
        other = boto3.client("sqs", endpoint_url=f"http://localhost:{port}", region_name="us-east-1",
                             aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106
        self.assertEqual(other.get_queue_url(QueueName="jobs")["QueueUrl"], f"http://localhost:{port}/{ACCOUNT}/jobs")

    def test_what_is_sent_is_received_and_deleted(self):
        attributes = {"kind": {"DataType": "String.name", "StringValue": "blur"},
                      "count": {"DataType": "Number", "StringValue": "3"},
                      "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
        sent = self.sqs.send_message(QueueUrl=self.url, MessageBody="h\u00e9llo\n", MessageAttributes=attributes,
                                     MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String",
                                                                                 "StringValue": "Root=1-2-3"}})
        self.assertEqual(sent["MD5OfMessageBody"], hashlib.md5("h\u00e9llo\n".encode()).hexdigest())
        (message,) = self.receive(MessageAttributeNames=["All"], AttributeNames=["All"], MaxNumberOfMessages=10)
        self.assertEqual(message["MessageId"], sent["MessageId"])
        self.assertEqual(message["Body"], "h\u00e9llo\n")
        self.assertEqual(message["MD5OfBody"], sent["MD5OfMessageBody"])
        self.assertEqual(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"])
        self.assertEqual(message["MessageAttributes"], attributes)
        told = message["Attributes"]
        self.assertEqual((told["SenderId"], told["ApproximateReceiveCount"], told["AWSTraceHeader"]),
                         (ACCOUNT, "1", "Root=1-2-3"))
        self.assertAlmostEqual(int(told["SentTimestamp"]) / 1000, time.time(), delta=5)
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    def test_a_receiver_sees_what_he_asks_for(self):
        self.sqs.send_message(QueueUrl=self.url, MessageBody="b", MessageAttributes={
            name: {"DataType": "String", "StringValue": "v"} for name in ("a.one", "a.two", "b")})

        def names(**asked):
            (message,) = self.receive(VisibilityTimeout=0, **asked)
            return sorted(message.get("MessageAttributes", {})), sorted(message.get("Attributes", {}))

        self.assertEqual(names(), ([], []))
        self.assertEqual(names(MessageAttributeNames=["a.*"]), (["a.one", "a.two"], []))
        self.assertEqual(names(MessageAttributeNames=["b", "c"], MessageSystemAttributeNames=["SentTimestamp"]),
                         (["b"], ["SentTimestamp"]))
        self.assertEqual(names(AttributeNames=["ApproximateReceiveCount", "SenderId"]),
                         ([], ["ApproximateReceiveCount", "SenderId"]))

    def test_the_queues_attributes_count(self):
        url = self.sqs.create_queue(QueueName="own", Attributes={"VisibilityTimeout": "1", "DelaySeconds": "1"})["QueueUrl"]
        self.addCleanup(self.sqs.delete_queue, QueueUrl=url)
        self.assertEqual(self.sqs.create_queue(QueueName="own", Attributes={"DelaySeconds": "1"})["QueueUrl"], url)
        answer = self.assert_code("QueueAlreadyExists", self.sqs.create_queue, QueueName="own",
                                  Attributes={"VisibilityTimeout": "2"})
        self.assertIn("VisibilityTimeout", answer["Error"]["Message"])
        self.sqs.send_message(QueueUrl=url, MessageBody="later")
        begin = time.monotonic()
        first = self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"][0]
        again = self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10, AttributeNames=["All"])["Messages"][0]
        self.assertTrue(1.5 < time.monotonic() - begin < 8)
        self.assertEqual(first["MessageId"], again["MessageId"])
        self.assertEqual(again["Attributes"]["ApproximateReceiveCount"], "2")

    def test_a_wait_ends_with_a_message_or_without(self):
        begin = time.monotonic()
        self.assertEqual(self.receive(WaitTimeSeconds=1), [])
        self.assertTrue(0.9 < time.monotonic() - begin < 5)
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(self.receive, WaitTimeSeconds=20)
            time.sleep(0.3)
            self.sqs.send_message(QueueUrl=self.url, MessageBody="now")
            self.assertEqual(waiting.result(5)[0]["Body"], "now")

    def test_the_end_of_a_queue_ends_the_wait(self):
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(self.receive, WaitTimeSeconds=20)
            time.sleep(0.3)
            self.sqs.delete_queue(QueueUrl=self.url)
            with self.assertRaises(self.sqs.exceptions.QueueDoesNotExist):
                waiting.result(5)

    def test_mistakes_have_their_codes(self):
        sqs, url = self.sqs, self.url
        gone = self.url + "-gone"
        text = {"DataType": "String", "StringValue": "v"}
        for code, call, arguments in (
                ("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, {"QueueName": "gone"}),
                ("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url,
                 {"QueueName": "jobs", "QueueOwnerAWSAccountId": "111122223333"}),
                ("AWS.SimpleQueueService.NonExistentQueue", sqs.send_message, {"QueueUrl": gone, "MessageBody": "b"}),
                ("AWS.SimpleQueueService.NonExistentQueue", sqs.receive_message, {"QueueUrl": gone}),
                ("AWS.SimpleQueueService.NonExistentQueue", sqs.delete_queue, {"QueueUrl": gone}),
                ("AWS.SimpleQueueService.NonExistentQueue", sqs.delete_message, {"QueueUrl": gone, "ReceiptHandle": "nonsense"}),
                ("AWS.SimpleQueueService.NonExistentQueue", sqs.receive_message, {"QueueUrl": gone, "MaxNumberOfMessages": 11}),
                ("AWS.SimpleQueueService.NonExistentQueue", sqs.receive_message,
                 {"QueueUrl": gone, "ReceiveRequestAttemptId": "once"}),
                *(("AWS.SimpleQueueService.NonExistentQueue", sqs.send_message, {"QueueUrl": gone, "MessageBody": "b", **wrong})
                  for wrong in ({"MessageBody": ""}, {"MessageBody": "\x01"}, {"MessageGroupId": "g"}, {"DelaySeconds": 901},
                                {"MessageAttributes": {"AWS.a": text}}, {"MessageSystemAttributes": {"Colour": text}})),
                ("InvalidAddress", sqs.receive_message, {"QueueUrl": self.server.endpoint}),
                ("AccessDenied", sqs.receive_message, {"QueueUrl": url.replace(ACCOUNT, "111122223333")}),
                ("InvalidParameterValue", sqs.create_queue, {"QueueName": "a b"}),
                ("AWS.SimpleQueueService.UnsupportedOperation", sqs.create_queue, {"QueueName": "a.fifo"}),
                ("AWS.SimpleQueueService.UnsupportedOperation", sqs.create_queue,
                 {"QueueName": "a", "Attributes": {"RedrivePolicy": "{}"}}),
                ("AWS.SimpleQueueService.UnsupportedOperation", sqs.create_queue, {"QueueName": "a", "tags": {"k": "v"}}),
                ("InvalidAttributeName", sqs.create_queue, {"QueueName": "a", "Attributes": {"Colour": "red"}}),
                ("InvalidAttributeValue", sqs.create_queue, {"QueueName": "a", "Attributes": {"DelaySeconds": "901"}}),
                ("InvalidAttributeValue", sqs.create_queue, {"QueueName": "a", "Attributes": {"DelaySeconds": "x"}}),
                ("MissingParameter", sqs.send_message, {"QueueUrl": url, "MessageBody": ""}),
                ("InvalidParameterValue", sqs.send_message, {"QueueUrl": url, "MessageBody": "b", "DelaySeconds": 901}),
                ("InvalidParameterValue", sqs.send_message, {"QueueUrl": url, "MessageBody": "b" * 1048577}),
                ("InvalidParameterValue", sqs.send_message,
                 {"QueueUrl": url, "MessageBody": "b", "MessageAttributes": {"AWS.a": text}}),
                ("InvalidParameterValue", sqs.send_message,
                 {"QueueUrl": url, "MessageBody": "b", "MessageAttributes": {f"a{n}": text for n in range(11)}}),
                ("InvalidParameterValue", sqs.send_message, {"QueueUrl": url, "MessageBody": "b", "MessageGroupId": "g"}),
                ("InvalidParameterValue", sqs.send_message,
                 {"QueueUrl": url, "MessageBody": "b", "MessageSystemAttributes": {"Colour": text}}),
                ("InvalidMessageContents", sqs.send_message, {"QueueUrl": url, "MessageBody": "\x01"}),
                ("InvalidParameterValue", sqs.receive_message, {"QueueUrl": url, "MaxNumberOfMessages": 11}),
                ("InvalidParameterValue", sqs.receive_message, {"QueueUrl": url, "WaitTimeSeconds": 21}),
                ("InvalidParameterValue", sqs.receive_message, {"QueueUrl": url, "VisibilityTimeout": 43201}),
                ("ReceiptHandleIsInvalid", sqs.delete_message, {"QueueUrl": url, "ReceiptHandle": "nonsense"}),
                ("UnknownOperationException", sqs.purge_queue, {"QueueUrl": url})):
            with self.subTest(code, **{name: str(value)[:60] for name, value in arguments.items()}):
                self.assert_code(code, call, **arguments)
        self.assertEqual(self.receive(), [])

    def test_numbers_out_of_bounds_are_told_in_the_words_of_sqs(self):
        for parameter, value, bounds in (("MaxNumberOfMessages", 11, "between 1 and 10"),
                                         ("VisibilityTimeout", 43201, ">= 0 and <= 43200"),
                                         ("WaitTimeSeconds", 21, ">= 0 and <= 20")):
            answer = self.assert_code("InvalidParameterValue", self.sqs.receive_message, QueueUrl=self.url, **{parameter: value})
            self.assertEqual(answer["Error"]["Message"],
                             f"Value {value} for parameter {parameter} is invalid. Reason: Must be {bounds}, if provided.")
        answer = self.assert_code("InvalidParameterValue", self.sqs.create_queue, QueueName="a b")
        self.assertEqual(answer["Error"]["Message"],
                         "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")

    def test_regions_are_apart(self):
        other = boto3.client("sqs", endpoint_url=self.server.endpoint, region_name="eu-west-1",
                             aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106
        with self.assertRaises(other.exceptions.QueueDoesNotExist):
            other.get_queue_url(QueueName="jobs")


class Killed(WireTest):
    def test_every_acknowledged_message_is_there(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(data=folder)
            sqs = server.client("sqs", config=Config(max_pool_connections=64))
            url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
            acknowledged, tried = [], set()

            def send(number, turn):
                body = f"{number}-{turn}-{time.monotonic_ns()}" * 40
                tried.add(body)
                sqs.send_message(QueueUrl=url, MessageBody=body)
                acknowledged.append(body)

            # So many that they share commits.
            server.kill_at_work(send, workers=64, seconds=2)
            server = Server(data=folder)
            sqs = server.client("sqs")
            found = set()
            while messages := sqs.receive_message(QueueUrl=f"{server.endpoint}/{ACCOUNT}/jobs",
                                                  MaxNumberOfMessages=10).get("Messages"):
                found.update(message["Body"] for message in messages)
            server.stop()
        self.assertGreater(len(acknowledged), 50)
        self.assertEqual(set(acknowledged) - found, set())
        self.assertEqual(found - tried, set(), "half a message")


class Wire:
    """A connection of its own, without the weight of an SDK."""

    def __init__(self, endpoint):
        parts = urlsplit(endpoint)
        self.host = f"{parts.hostname}:{parts.port}"
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=60)

    def ask(self, operation, **request):
        body = json.dumps(request).encode()
        day = time.strftime("%Y%m%d", time.gmtime())
        head = (f"POST / HTTP/1.1\r\nHost: {self.host}\r\nX-Amz-Target: AmazonSQS.{operation}\r\n"
                f"Content-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\n"
                f"X-Amz-Date: {time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}\r\n"
                f"Authorization: AWS4-HMAC-SHA256 Credential=test/{day}/us-east-1/sqs/aws4_request, "
                f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}\r\n\r\n")
        self.socket.sendall(head.encode() + body)

    def answer(self):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionError("the server closed the connection")
            data += piece
        head, body = data.split(b"\r\n\r\n", 1)
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        while len(body) < length:
            body += self.socket.recv(65536)
        if not head.startswith(b"HTTP/1.1 200"):
            raise AssertionError(head + body)
        return json.loads(body)

    def call(self, operation, **request):
        self.ask(operation, **request)
        return self.answer()

    def close(self):
        self.socket.close()


class Many(WireTest):
    """Long polls hold no thread: the pool that serves them has four."""

    @classmethod
    def setUpClass(cls):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 20000), hard), hard))
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def wire(self):
        connection = Wire(self.server.endpoint)
        self.addCleanup(connection.close)
        return connection

    def wait_for_parked(self, count):
        deadline = time.monotonic() + 15
        text = ""
        while time.monotonic() < deadline:
            text = next(line for line in self.server.get("/metrics")[1].splitlines()
                        if line.startswith("sightline_requests_parked "))
            if int(float(text.split()[1])) == count:
                return
            time.sleep(0.05)
        self.fail(text)

    def test_five_thousand_wait_and_each_gets_one(self):
        count = 5000
        begin = self.wire()
        url = begin.call("CreateQueue", QueueName="crowd")["QueueUrl"]
        waiting = [self.wire() for _ in range(count)]
        for connection in waiting:
            connection.ask("ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20)
        self.wait_for_parked(count)

        def send(part):
            connection = self.wire()
            for number in range(part, count, 16):
                connection.call("SendMessage", QueueUrl=url, MessageBody=str(number))

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(send, range(16)))
        bodies = [connection.answer()["Messages"][0]["Body"] for connection in waiting]
        self.assertEqual(sorted(map(int, bodies)), list(range(count)))

    def test_who_goes_away_leaves_the_message_to_others(self):
        first = self.wire()
        url = first.call("CreateQueue", QueueName="left")["QueueUrl"]
        gone = [self.wire() for _ in range(50)]
        for connection in gone:
            connection.ask("ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20)
        self.wait_for_parked(50)
        for connection in gone:
            connection.close()
        self.wait_for_parked(0)
        first.call("SendMessage", QueueUrl=url, MessageBody="one")
        self.assertEqual(first.call("ReceiveMessage", QueueUrl=url)["Messages"][0]["Body"], "one")

    def test_two_hundred_whose_answer_needs_a_call_to_the_same_server(self):
        count = 200
        first = self.wire()
        urls = [first.call("CreateQueue", QueueName=f"link{number}")["QueueUrl"] for number in range(count + 1)]
        failures = []

        def pass_on(number):
            try:
                connection = self.wire()
                (message,) = connection.call("ReceiveMessage", QueueUrl=urls[number], WaitTimeSeconds=20)["Messages"]
                connection.call("SendMessage", QueueUrl=urls[number + 1], MessageBody=message["Body"] + ".")
            except Exception as error:  # noqa: BLE001
                failures.append((number, error))

        threads = [threading.Thread(target=pass_on, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        self.wait_for_parked(count)
        first.call("SendMessage", QueueUrl=urls[0], MessageBody="begin")
        (last,) = first.call("ReceiveMessage", QueueUrl=urls[count], WaitTimeSeconds=20)["Messages"]
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(last["Body"], "begin" + "." * count)

    def test_a_reset_answers_who_waits(self):
        connection = self.wire()
        url = connection.call("CreateQueue", QueueName="before")["QueueUrl"]
        connection.ask("ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20)
        self.wait_for_parked(1)
        begin = time.monotonic()
        self.assertEqual(self.server.get("/_sightline/reset", method="POST")[0], 204)
        self.assertEqual(connection.answer(), {})
        self.assertLess(time.monotonic() - begin, 10)

    def test_a_stop_answers_who_waits(self):
        server = Server()
        connection = Wire(server.endpoint)
        url = connection.call("CreateQueue", QueueName="last")["QueueUrl"]
        connection.ask("ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20)
        time.sleep(0.3)
        begin = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - begin, 10)
        self.assertEqual(connection.answer(), {})
        connection.close()


if __name__ == "__main__":
    unittest.main()
