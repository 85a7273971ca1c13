#!/usr/bin/env python3
"""Measures between which values the tensors of a network lie, for tools/models/quantise.py.

The network runs in FP32 over the pictures of wider-dev, stretched back to their shape: all reduced to 640 pixels on the
longer side, every third one also to 1024. A tensor's range reaches halfway from the largest of the pictures' 99.99%
quantiles to the largest value; that of a channel which depthwise convolutions read reaches to its largest value.

Needs openvino (as pinned in packaging/python-packages.txt), numpy and opencv-python-headless:

  bench/detect/ranges.py --data ../shared/data MODEL.onnx > models/centerface-int8.ranges
"""
import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy
import openvino

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tools/models"))

from onnx_reader import read_model  # noqa: E402
from quantise import points  # noqa: E402

QUANTILE = 0.9999
MULTIPLE = 32
LEAST_SHARE = 1e-3  # of the largest channel's range: what a channel that is always dark gets
# A little wider than a byte: OpenVINO drops a scale of exactly 1, and the first convolution would not compute in bytes.
BYTE = 255.01


class Extent:
    def __init__(self):
        self.low = self.high = 0.0
        self.low_quantile = self.high_quantile = 0.0
        self.channels = None

    def add(self, values):
        flat = values.reshape(values.shape[1], -1)
        highest = flat.max(1)
        self.channels = highest if self.channels is None else numpy.maximum(self.channels, highest)
        self.low, self.high = min(self.low, float(flat.min())), max(self.high, float(highest.max()))
        self.low_quantile = min(self.low_quantile, float(numpy.quantile(flat, 1 - QUANTILE)))
        self.high_quantile = max(self.high_quantile, float(numpy.quantile(flat, QUANTILE)))

    def line(self, per_channel):
        if per_channel:
            return "0 " + " ".join(f"{value:.3g}" for value in numpy.maximum(self.channels, self.high * LEAST_SHARE))
        low, high = (self.low + self.low_quantile) / 2, (self.high + self.high_quantile) / 2
        reach = max(-low, high)
        return f"0 {high:.3g}" if self.low >= 0 else f"{-reach:.3g} {reach:.3g}"


def pictures(folder):
    truth = json.loads((folder / "gt_416.json").read_text())
    for number, (name, about) in enumerate(truth.items()):
        stretched = cv2.imread(str(folder / "images" / name))
        for side in (640, 1024) if number % 3 == 0 else (640,):
            scale = min(1.0, side / max(about["orig"]))
            size = [int(-(-length * scale // MULTIPLE) * MULTIPLE) for length in about["orig"]]
            reduced = cv2.resize(stretched, size, interpolation=cv2.INTER_LINEAR)
            yield reduced[:, :, ::-1].astype(numpy.float32).transpose(2, 0, 1)[None]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("model", type=Path)
    args = parser.parse_args()
    source = read_model(args.model.read_bytes())
    measured = [point for point in points(source) if point.name != source.input]
    core = openvino.Core()
    graph = core.read_model(str(args.model))
    graph.reshape([1, 3, -1, -1])
    first = len(graph.outputs)
    graph.add_outputs([point.name for point in measured])
    network = core.compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    extents = [Extent() for _ in measured]
    for picture in pictures(args.data / "wider-dev"):
        outputs = network([picture])
        for index, extent in enumerate(extents):
            extent.add(outputs[first + index])
    print("# Measured by bench/detect/ranges.py over the 100 pictures of wider-dev; read by tools/models/quantise.py.")
    print(f"{source.input} 0 {BYTE}")
    for point, extent in zip(measured, extents):
        print(point.name, extent.line(point.per_channel))


if __name__ == "__main__":
    main()
