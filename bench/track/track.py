#!/usr/bin/env python3
"""bench/track: does a face slip through between detections? Prints the tables of docs/benchmarks/track.md.

Two figures that are never mixed:
  carry     of the faces that thorough detection finds at least once in their life, the share of the frames in which
            the truth shows them that are covered (95% of the box painted)
  absolute  against exact boxes: the given clips, and clips made by make_clips.py beside deface 1.5.0: faces left
            unpainted (mean luma change under 4 levels in the middle 60% of the box) and over-painting (share of
            the frame changed by more than 12 levels outside every true box grown by half)
`--figures simulated` tells the second figure of `absolute` from the tracks alone: what a setting costs, in seconds.
Needs numpy and OpenCV: bench/track/run makes an environment that has them.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import cv2
import numpy as np

CORE = 0.635  # half of the side, in box sides, that the default style paints at full strength (mask.cpp)
DEGREE = 4  # of its superellipse
EDGE = 0.03  # how far its soft edge reaches beyond that, likewise
BANDS = ((0, 20), (20, 40), (40, 80), (80, 100000))


def band_name(band):
    return f"{band[0]}-{band[1]}" if band[1] < 100000 else f">={band[0]}"


def iou(a, b):
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    common = max(0, w) * max(0, h)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def superellipses(xs, ys, boxes, half):
    """Which of the points lie in what is painted around one of the boxes, up to `half` of its side."""
    inside = np.zeros(xs.shape, bool)
    for x, y, w, h in boxes:
        across, down = np.abs(xs - x - w / 2) / (w * half), np.abs(ys - y - h / 2) / (h * half)
        inside |= across**DEGREE + down**DEGREE <= 1
    return inside


def covered_share(face, boxes, width, height):
    """Share of the visible face inside what is painted at full strength."""
    x, y, w, h = face
    x0, y0, x1, y1 = max(0, x), max(0, y), min(width, x + w), min(height, y + h)
    if x1 <= x0 or y1 <= y0:
        return 1.0
    steps = (np.arange(24) + 0.5) / 24
    gx, gy = np.meshgrid(x0 + steps * (x1 - x0), y0 + steps * (y1 - y0))
    return float(superellipses(gx, gy, boxes, CORE).mean())


class Clip:
    def __init__(self, path, truth, least_height):
        self.path, self.name, self.least = path, path.stem, least_height
        self.truth = json.loads(truth.read_text())
        self.width, self.height = self.truth["width"], self.truth["height"]

    def clear(self):
        for index, frame in enumerate(self.truth["frames"]):
            for face in frame:
                if face["vis"] == "clear" and face["box"][3] >= self.least:
                    yield index, face


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.work = arguments.work
        self.dumps = {}

    def dump(self, clip, scope, *flags):
        """The frames of a dump; each is made once a run."""
        key = (clip.name, scope, *flags)
        if key not in self.dumps:
            self.dumps[key] = self.make_dump(clip, scope, *flags)
        return self.dumps[key]

    def make_dump(self, clip, scope, *flags):
        out = self.work / f"{clip.name}.{scope}{'.every' if flags else ''}.json"
        remembered = self.work / f"{clip.name}.detections.json"
        command = [self.arguments.dump, clip.path, out, "--scope", scope, "--weights", self.arguments.weights,
                   "--cache", self.work / "compiled", "--remember", remembered, *flags]
        line = subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout
        print(f"  {clip.name} {scope}: {line.strip()}", flush=True)
        return json.loads(out.read_text())["frames"]

    def found_by_thorough(self, clip):
        frames = self.dump(clip, "thorough", "--every-frame", "--min-score", "0.3", "--step", str(self.arguments.step))
        found = set()
        for index, face in clip.clear():
            if any(iou(box[1:5], face["box"]) >= 0.3 for box in frames[index]["boxes"]):
                found.add(face["track"])
        return found

    def coverage(self, clips, scope, only=None):
        """Per height band [uncovered, all], and what was left uncovered."""
        table, missed = {band: [0, 0] for band in BANDS}, []
        for clip in clips:
            frames = self.dump(clip, scope)
            for index, face in clip.clear():
                if only is not None and face["track"] not in only[clip.name]:
                    continue
                band = next(b for b in BANDS if b[0] <= face["box"][3] < b[1])
                share = covered_share(face["box"], [b[1:5] for b in frames[index]["boxes"]], clip.width, clip.height)
                table[band][1] += 1
                if share < 0.95:
                    table[band][0] += 1
                    missed.append((clip.name, face["track"], index, round(face["box"][3]), round(share, 2)))
        return table, missed


def simulated(bench, clips):
    """What `compare` measures on painted output, told from the tracks alone: boxes of whose middle 60% under a tenth
    is painted, and the share of every fifth frame that is painted outside every true box grown by half."""
    unpainted = seen = 0
    over = []
    for clip in clips:
        frames = [[box[1:5] for box in frame["boxes"]] for frame in bench.dump(clip, "balanced")]
        for index, face in clip.clear():
            x, y, w, h = face["box"]
            middle = (x + 0.2 * w, y + 0.2 * h, 0.6 * w, 0.6 * h)
            seen += 1
            unpainted += covered_share(middle, frames[index], clip.width, clip.height) < 0.1
        xs, ys = np.meshgrid(np.arange(1, clip.width, 2), np.arange(1, clip.height, 2))
        share = []
        for boxes, faces in list(zip(frames, clip.truth["frames"]))[::5]:
            painted, allowed = superellipses(xs, ys, boxes, CORE + EDGE / 2), np.zeros(xs.shape, bool)
            for x, y, w, h in (face["box"] for face in faces):
                allowed |= (np.abs(xs - x - w / 2) <= w * 0.75) & (np.abs(ys - y - h / 2) <= h * 0.75)
            share.append(float((painted & ~allowed).mean()))
        over.append(np.mean(share))
    print(f"simulated, balanced: unpainted {unpainted} of {seen}, over-painting {100 * np.mean(over):.2f}%", flush=True)


def show(title, table, missed=()):
    total = [sum(v[0] for v in table.values()), sum(v[1] for v in table.values())]
    cells = ", ".join(f"{band_name(b)} px {v[0]}/{v[1]}" for b, v in table.items() if v[1])
    share = 100 * (1 - total[0] / max(1, total[1]))
    print(f"{title}: {share:.2f}% covered ({total[0]} of {total[1]} not; {cells})")
    for clip, track, index, height, part in missed[:40]:
        print(f"    {clip} track {track} frame {index} height {height}: {part}")


def luma(frame):
    return cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.int16)


def compare(clip, output):
    """Faces left unpainted by band, and the over-painting, of an anonymised clip."""
    before, after = cv2.VideoCapture(str(clip.path)), cv2.VideoCapture(str(output))
    table, over = {band: [0, 0] for band in BANDS}, 0.0
    for faces in clip.truth["frames"]:
        (ok, a), (there, b) = before.read(), after.read()
        if not ok or not there:
            raise SystemExit(f"{output}: ends before the clip does")
        change = np.abs(luma(a) - luma(b)[: clip.height, : clip.width])
        allowed = np.zeros(change.shape, bool)
        for face in faces:
            x, y, w, h = face["box"]
            allowed[max(0, int(y - h / 4)): max(0, int(y + h * 1.25) + 1),
                    max(0, int(x - w / 4)): max(0, int(x + w * 1.25) + 1)] = True
            middle = change[max(0, int(y + h * 0.2)): max(0, int(y + h * 0.8)),
                            max(0, int(x + w * 0.2)): max(0, int(x + w * 0.8))]
            if face["vis"] != "clear" or h < 20 or middle.size == 0:
                continue
            band = next(b for b in BANDS if b[0] <= h < b[1])
            table[band][1] += 1
            table[band][0] += int(middle.mean() < 4)
        over += float(((change > 12) & ~allowed).mean())
    return table, over / len(clip.truth["frames"])


def beside_deface(bench, clips):
    programs = {"sightline balanced": lambda i, o: [bench.arguments.program, "blur", i, "-o", o, "--force"],
                "sightline fast": lambda i, o: [bench.arguments.program, "blur", i, "-o", o, "--force", "--scope", "fast"],
                "deface 1.5.0": lambda i, o: [pathlib.Path(sys.executable).parent / "deface", i, "-o", o]}
    for name, command in programs.items():
        total, over = {band: [0, 0] for band in BANDS}, []
        for clip in clips:
            output = bench.work / f"{clip.name}.{name.split()[0]}.{name.split()[1]}.mp4"
            if not output.exists():
                partial = output.with_suffix(".part.mp4")
                subprocess.run([str(c) for c in command(clip.path, partial)], check=True, capture_output=True)
                partial.rename(output)
            table, share = compare(clip, output)
            over.append(share)
            for band in BANDS:
                total[band] = [total[band][0] + table[band][0], total[band][1] + table[band][1]]
            print(f"  {clip.name} {name}: unpainted {sum(v[0] for v in table.values())} of "
                  f"{sum(v[1] for v in table.values())}, over-painting {100 * share:.3f}%", flush=True)
        missed, seen = sum(v[0] for v in total.values()), sum(v[1] for v in total.values())
        cells = ", ".join(f"{band_name(b)} px {v[0]}/{v[1]} ({100 * v[0] / v[1]:.1f}%)" for b, v in total.items() if v[1])
        print(f"{name}: unpainted {missed} of {seen} ({100 * missed / max(1, seen):.2f}%; {cells}), "
              f"over-painting {100 * np.mean(over):.3f}%", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("../shared/data"))
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder of the made clips and of results")
    parser.add_argument("--dump", default="build/release/bin/bench_track_dump")
    parser.add_argument("--program", default="build/release/bin/sightline")
    parser.add_argument("--weights", type=pathlib.Path, default=pathlib.Path.home() / ".cache/sightline/models")
    parser.add_argument("--figures", default="carry,given,synthetic", help="any of carry,given,synthetic,simulated")
    parser.add_argument("--step", type=int, default=1, help="thorough detection on every n-th frame (carry)")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(arguments)
    given = [Clip(arguments.data / f"video/{n}.mp4", arguments.data / f"video/{n}.faces.json", 0)
             for n in ("street-640x360", "crowd-1080p")]
    made = [Clip(p, p.with_suffix("").with_suffix(".faces.json"), 20) for p in sorted(arguments.work.glob("synthetic-*.mp4"))
            if p.name.count(".") == 1]
    if "carry" in arguments.figures:
        found = {clip.name: bench.found_by_thorough(clip) for clip in given + made}
        for scope in ("balanced", "fast"):
            for title, clips in (("given clips", given), ("synthetic clips", made), ("all", given + made)):
                show(f"carry, {scope}, {title}", *bench.coverage(clips, scope, found))
    if "given" in arguments.figures:
        for scope in ("balanced", "fast"):
            for clip in given:
                show(f"absolute, {scope}, {clip.name}", *bench.coverage([clip], scope))
    if "simulated" in arguments.figures:
        simulated(bench, made)
    if "synthetic" in arguments.figures:
        beside_deface(bench, made)


if __name__ == "__main__":
    main()
