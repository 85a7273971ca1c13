#!/usr/bin/env python3
"""bench/track/cuts.py: is a clip that was cut at any frame covered as the uncut one is?

Cuts every clip at every 10th frame (--every), in both ways: what begins there, and what ends there. A face-frame is
a clear face of the truth in one frame; it is uncovered where less than 95% of its box is painted at full strength.
Printed for each scope: the face-frames that are uncovered in a cut clip and not in the uncut one ("more"), those the
other way round ("fewer"), both summed over all cuts, and the longest run of frames in which one face of 40 px or more
is clear in a cut clip though the uncut one covers it. Detections are made once a frame and size and kept in --work.
"""
import argparse
import json
import pathlib
import subprocess

from track import Clip, covered_share

LARGE = 40  # pixels of height


def dump(arguments, clip, scope, *span):
    out = arguments.work / f"{clip.name}.{scope}.cut.json"
    command = [arguments.dump, clip.path, out, "--scope", scope, "--weights", arguments.weights, "--cache",
               arguments.work / "compiled", "--remember", arguments.work / f"{clip.name}.detections.json", *span]
    subprocess.run([str(c) for c in command], check=True, capture_output=True)
    return json.loads(out.read_text())["frames"]


def uncovered(clip, frames, first):
    """(track, frame) of the clear faces that these frames, of which the first is number `first`, leave uncovered."""
    missed = set()
    for index, face in clip.clear():
        if first <= index < first + len(frames):
            boxes = [box[1:5] for box in frames[index - first]["boxes"]]
            if covered_share(face["box"], boxes, clip.width, clip.height) < 0.95:
                missed.add((face["track"], index))
    return missed


def longest_run(missed, large):
    longest, where = 0, None
    for track, index in missed & large:
        length = 1
        while (track, index + length) in missed & large:
            length += 1
        if length > longest:
            longest, where = length, (track, index)
    return longest, where


def measure(arguments, clip, scope):
    """[more, fewer, face-frames] summed over the cuts of a clip, and the longest run."""
    frames = dump(arguments, clip, scope)
    whole = uncovered(clip, frames, 0)
    faces = [(face["track"], index) for index, face in clip.clear()]
    large = {(face["track"], index) for index, face in clip.clear() if face["box"][3] >= LARGE}
    sums, longest = [0, 0, 0], (0, None, "")
    for cut in range(arguments.every, len(frames), arguments.every):
        for flag, first, count in (("--from", cut, len(frames) - cut), ("--until", 0, cut)):
            if flag[2:] not in arguments.side:
                continue
            part = dump(arguments, clip, scope, flag, str(cut))
            span = range(first, first + count)
            missed, before = uncovered(clip, part, first), {item for item in whole if item[1] in span}
            more, fewer = missed - before, before - missed
            sums = [sums[0] + len(more), sums[1] + len(fewer), sums[2] + sum(index in span for _, index in faces)]
            run, where = longest_run(more, large)
            if run > longest[0]:
                longest = (run, where, f"{flag} {cut}")
            if arguments.verbose and (more or fewer):
                by_track = {}
                for track, index in sorted(more):
                    by_track.setdefault(track, []).append(index)
                print(f"    {clip.name} {scope} {flag} {cut}: {len(more)} more {by_track}, {len(fewer)} fewer", flush=True)
    print(f"  {clip.name} {scope}: uncut {len(whole)} of {len(faces)} uncovered; cut {sums[0]} more and {sums[1]} fewer of "
          f"{sums[2]}; longest run of {LARGE} px or more {longest}", flush=True)
    return sums, longest[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("../shared/data"))
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder of the made clips and of results")
    parser.add_argument("--dump", default="build/release/bin/bench_track_dump")
    parser.add_argument("--weights", type=pathlib.Path, default=pathlib.Path.home() / ".cache/sightline/models")
    parser.add_argument("--every", type=int, default=10, help="frames from one cut to the next")
    parser.add_argument("--side", default="from,until", help="what is kept of a cut clip: from the cut, until the cut")
    parser.add_argument("--scopes", default="balanced,fast")
    parser.add_argument("--only", default="", help="part of the names of the clips")
    parser.add_argument("--verbose", action="store_true", help="print which faces each cut uncovers")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    clips = [Clip(arguments.data / f"video/{n}.mp4", arguments.data / f"video/{n}.faces.json", 0)
             for n in ("street-640x360", "crowd-1080p")]
    clips += [Clip(p, p.with_suffix("").with_suffix(".faces.json"), 20)
              for p in sorted(arguments.work.glob("synthetic-*.mp4")) if p.name.count(".") == 1]
    for scope in arguments.scopes.split(","):
        total, longest = [0, 0, 0], 0
        for clip in clips:
            if arguments.only in clip.name:
                sums, run = measure(arguments, clip, scope)
                total, longest = [a + b for a, b in zip(total, sums)], max(longest, run)
        more = total[0] - total[1]
        print(f"cuts, {scope}: {total[0]} more and {total[1]} fewer of {total[2]} face-frames uncovered than uncut, net "
              f"{100 * more / max(1, total[2]):.2f}%; longest clear run of a face of {LARGE} px or more: {longest} frames",
              flush=True)


if __name__ == "__main__":
    main()
