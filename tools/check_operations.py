#!/usr/bin/env python3
"""docs/operations.md lists what every src/aws/*/operations.txt lists. With --write the list is made anew; what is
written by hand stands below it, from HAND on."""

import sys
from pathlib import Path

from checks import ROOT, read, report

PAGE = Path("docs/operations.md")
SERVICES = {  # folder: name, protocol, page of the vendor's API reference
    "rekognition": ("Amazon Rekognition", "JSON 1.1",
                    "https://docs.aws.amazon.com/rekognition/latest/APIReference/API_{}.html"),
    "s3": ("Amazon S3", "REST, XML", "https://docs.aws.amazon.com/AmazonS3/latest/API/API_{}.html"),
    "sqs": ("Amazon SQS", "JSON 1.0 and Query",
            "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_{}.html"),
    "sts": ("AWS STS", "Query", "https://docs.aws.amazon.com/STS/latest/APIReference/API_{}.html"),
    "iam": ("AWS IAM", "Query", "https://docs.aws.amazon.com/IAM/latest/APIReference/API_{}.html"),
}
HAND = "\n## Slow and many clients\n"
HEAD = """# Operations
What `sightline serve` carries out, by service. Any other operation of these services is answered with the protocol's own
error for an unsupported operation, and counted in `/metrics`. What is left out of an operation is in the notes of
[roadmap.md](roadmap.md).

The lists are made by `tools/check_operations.py --write` from `src/aws/*/operations.txt`, which the build reads too: an operation that is
listed and has no handler keeps the server from starting.
"""


def page() -> str:
    text = HEAD
    for folder in sorted((ROOT / "src/aws").glob("*/operations.txt")):
        service = folder.parent.name
        name, protocol, reference = SERVICES[service]
        operations = folder.read_text(encoding="utf-8").split()
        text += f"\n## {name}\n{protocol}; {len(operations)} operations.\n\n"
        text += "".join(f"- [{operation}]({reference.format(operation)})\n" for operation in sorted(operations))
    return text


def main() -> None:
    made, mark, by_hand = read(PAGE).partition(HAND)
    if "--write" in sys.argv[1:]:
        made = page()
        (ROOT / PAGE).write_text(made + mark + by_hand, encoding="utf-8")
    missing = [] if made == page() else [
        f"{PAGE}: is not what the lists say; run tools/check_operations.py --write"]
    report(missing, "operations")


if __name__ == "__main__":
    main()
