#!/usr/bin/env python3
"""A stored video's job against `sightline blur --tracks-only` on the same clip, in turn.

usage: bench/jobs/run.py WORK CLIP... [--rounds N]

WORK is a folder for what is written. Times are wall time of the job as the server tells it (from its start to its end, the
copy out of the bucket and the worker's start included) and of the command.
"""
import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/wire"))

from server import PROGRAM, Server  # noqa: E402


def tracks_only(clip, out):
    start = time.monotonic()
    subprocess.run([PROGRAM, "blur", "--tracks-only", "--force", "--tracks", out, clip], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - start


def job(client, key):
    start = time.monotonic()
    name = client.start_face_detection(Video={"S3Object": {"Bucket": "clips", "Name": key}})["JobId"]
    while True:
        answer = client.get_face_detection(JobId=name)
        if answer["JobStatus"] != "IN_PROGRESS":
            break
        time.sleep(0.05)
    if answer["JobStatus"] != "SUCCEEDED":
        raise SystemExit(f"{key}: {answer['StatusMessage']}")
    return time.monotonic() - start, len(answer["Faces"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    server = Server()
    try:
        server.client("s3").create_bucket(Bucket="clips")
        client = server.client("rekognition")
        print("| clip | job | blur --tracks-only | ratio | faces told |\n|---|---|---|---|---|")
        for clip in options.clips:
            server.client("s3").upload_file(str(clip), "clips", clip.name)
            ours, theirs, faces = [], [], 0
            for _ in range(options.rounds):
                theirs.append(tracks_only(clip, options.work / "tracks.json"))
                seconds, faces = job(client, clip.name)
                ours.append(seconds)
            ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
            print(f"| {clip.name} | {statistics.median(ours):.2f} s | {statistics.median(theirs):.2f} s | {ratio:.2f} | {faces} |",
                  flush=True)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
