#!/usr/bin/env python3
"""A stored video's jobs against `sightline blur --tracks-only` on the same clip, in turn: faces with DEFAULT and with ALL
attributes, and a search of them in a collection of one face.

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

from server import PICTURES, PROGRAM, Server  # noqa: E402


def tracks_only(clip, out):
    start = time.monotonic()
    subprocess.run([PROGRAM, "blur", "--tracks-only", "--force", "--tracks", out, clip], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - start


def job(start, get, results, key, **asked):
    """Seconds, and how many faces it tells of."""
    begin = time.monotonic()
    name = start(Video={"S3Object": {"Bucket": "clips", "Name": key}}, **asked)["JobId"]
    while True:
        answer = get(JobId=name)
        if answer["JobStatus"] != "IN_PROGRESS":
            break
        time.sleep(0.05)
    if answer["JobStatus"] != "SUCCEEDED":
        raise SystemExit(f"{key}: {answer['StatusMessage']}")
    return time.monotonic() - begin, len(answer[results])


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
        client.create_collection(CollectionId="one")
        client.index_faces(CollectionId="one", Image={"Bytes": (PICTURES / "astronaut.png").read_bytes()})
        kinds = {
            "DEFAULT": lambda key: job(client.start_face_detection, client.get_face_detection, "Faces", key),
            "ALL": lambda key: job(client.start_face_detection, client.get_face_detection, "Faces", key,
                                   FaceAttributes="ALL"),
            "search": lambda key: job(client.start_face_search, client.get_face_search, "Persons", key,
                                      CollectionId="one"),
        }
        print("| clip | job | time | blur --tracks-only | ratio | faces told |\n|---|---|---|---|---|---|")
        for clip in options.clips:
            server.client("s3").upload_file(str(clip), "clips", clip.name)
            theirs, ours, faces = [], {kind: [] for kind in kinds}, {}
            for _ in range(options.rounds):
                theirs.append(tracks_only(clip, options.work / "tracks.json"))
                for kind, run in kinds.items():
                    seconds, faces[kind] = run(clip.name)
                    ours[kind].append(seconds)
            for kind, times in ours.items():
                ratio = statistics.median(a / b for a, b in zip(times, theirs, strict=True))
                print(f"| {clip.name} | {kind} | {statistics.median(times):.2f} s | {statistics.median(theirs):.2f} s | "
                      f"{ratio:.2f} | {faces[kind]} |", flush=True)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
