#!/usr/bin/env python3
"""How long `sightline blur` takes, as a ratio to re-encoding the same clip and doing nothing else.

Runs in turn A B A B ... so that a drifting machine hurts both alike, and prints the median of the pairs'
ratios. Start-up (a clip of one frame, same size) is measured the same way, subtracted from both sides and
stated. Peak memory is the operating system's own figure for the finished process.

  bench/blur/run.py --data ../shared/data            balanced on both clips, fast on a long one
  bench/blur/run.py --data ../shared/data --deface   also deface 1.5.0, in an environment of its own
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLIPS = ["street-640x360.mp4", "crowd-1080p.mp4"]


class Run:
    """One finished process: wall and CPU seconds, peak resident MB, what it printed."""

    def __init__(self, command, env=None):
        with tempfile.TemporaryFile() as out:
            start = time.monotonic()
            process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=env)
            _, status, usage = os.wait4(process.pid, 0)
            self.wall = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            self.text = out.read().decode(errors="replace")
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak_mb = usage.ru_maxrss / 1024
        if process.returncode != 0:
            sys.exit(f"failed ({process.returncode}): {' '.join(map(str, command))}\n{self.text[-2000:]}")


def ffmpeg(*args):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, args)], check=True, stdin=subprocess.DEVNULL)


def reencode(clip, out, crf):
    return ["ffmpeg", "-v", "error", "-y", "-i", str(clip), "-map", "0:v:0", "-map", "0:a?", "-c:a", "copy", "-c:v",
            "libx264", "-preset", "medium", "-crf", str(crf), "-movflags", "+faststart", str(out)]


def blur(program, clip, out, scope, precision):
    return [str(program), "blur", str(clip), "-o", str(out), "--force", "--quiet", "--no-resume", "--times",
            "--scope", scope, "--precision", precision]


def pairs(ours, base, count):
    Run(ours), Run(base)  # warm the file cache and the compiled models
    return [(Run(ours), Run(base)) for _ in range(count)]


def med(values):
    return statistics.median(values)


def compare(name, make_ours, make_base, clip, one_frame, work, count):
    start = pairs(make_ours(one_frame, work / "a.mp4"), make_base(one_frame, work / "b.mp4"), count)
    startup_ours, startup_base = med([a.wall for a, _ in start]), med([b.wall for _, b in start])
    runs = pairs(make_ours(clip, work / "a.mp4"), make_base(clip, work / "b.mp4"), count)
    net = [(a.wall - startup_ours) / (b.wall - startup_base) for a, b in runs]
    gross = [a.wall / b.wall for a, b in runs]
    memory = med([a.peak_mb for a, _ in runs]) - med([b.peak_mb for _, b in runs])
    print(f"{name:34} {med(net):5.2f}x  (with start-up {med(gross):5.2f}x; pairs {min(net):.2f}-{max(net):.2f})  "
          f"wall {med([a.wall for a, _ in runs]):6.2f} s / {med([b.wall for _, b in runs]):6.2f} s  "
          f"cpu {med([a.cpu for a, _ in runs]):6.2f} / {med([b.cpu for _, b in runs]):6.2f}  "
          f"start-up {startup_ours:.2f} / {startup_base:.2f} s  memory +{memory:.0f} MB", flush=True)
    for line in runs[-1][0].text.splitlines():
        if "seconds:" in line:
            print(f"{'':34} {line.strip()}")
    return med([a.wall for a, _ in runs])


def deface_program(work):
    """deface 1.5.0 with its ONNX Runtime in a fresh virtual environment."""
    venv = work / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    subprocess.run([str(venv / "bin/pip"), "-q", "install", "deface==1.5.0", "onnx", "onnxruntime", "setuptools<81"],
                   check=True)
    return venv / "bin/deface"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--program", type=Path, default=ROOT / "build/release/bin/sightline")
    parser.add_argument("--crf", type=int, default=20, help="the program's default for H.264")
    parser.add_argument("-n", type=int, default=5, help="pairs")
    parser.add_argument("--deface", action="store_true")
    parser.add_argument("--precisions", default="int8,bf16,fp32", help="the first is the one that fast is measured with")
    args = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="bench-blur-"))
    try:
        base = lambda clip, out: reencode(clip, out, args.crf)
        one_frame, long_clip = {}, {}
        for name in CLIPS:
            clip = args.data / "video" / name
            one_frame[name] = work / f"one-{name}"
            ffmpeg("-i", clip, "-frames:v", 1, "-an", "-c:v", "libx264", "-qp", 18, one_frame[name])
            seconds = float(subprocess.check_output(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of",
                                                     "csv=p=0", str(clip)]))
            long_clip[name] = work / f"long-{name}"
            ffmpeg("-stream_loop", int(30 / seconds), "-i", clip, "-c", "copy", long_clip[name])
        ours_wall = {}
        for precision in args.precisions.split(","):
            for name in CLIPS:
                make = lambda clip, out: blur(args.program, clip, out, "balanced", precision)
                ours_wall[name, precision] = compare(f"{name} balanced {precision}", make, base,
                                                     args.data / "video" / name, one_frame[name], work, args.n)
            if precision != args.precisions.split(",")[0]:
                continue
            for name in CLIPS:
                make = lambda clip, out: blur(args.program, clip, out, "fast", precision)
                compare(f"{name} x30s fast {precision}", make, base, long_clip[name], one_frame[name], work,
                        max(2, args.n // 2))
        if args.deface:
            deface = deface_program(work)
            for name in CLIPS:
                run = Run([str(deface), "-k", str(args.data / "video" / name), "-o", str(work / "d.mp4")])
                for precision in args.precisions.split(","):
                    print(f"{name:34} deface {run.wall:6.2f} s, {run.peak_mb:.0f} MB: "
                          f"{run.wall / ours_wall[name, precision]:5.1f}x of balanced {precision}", flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
