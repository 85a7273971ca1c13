#!/usr/bin/env python3
"""Makes an ONNX network of convolutions compute in 8 bits.

Weights become signed bytes, one scale per output channel; what enters a convolution becomes bytes by the ranges that
RANGES gives (bench/detect/ranges.py measures them). The heads keep their floating-point outputs. A batch
normalisation behind a transposed convolution is folded into it. Same input, same bytes.

A line of RANGES: the tensor's name, its least value, its largest one; for a tensor that depthwise convolutions alone
read, the largest of each channel, the least being 0.

usage: quantise.py MODEL.onnx RANGES OUT.onnx
"""

import math
import os
import sys
from array import array
from dataclasses import dataclass
from pathlib import Path

from onnx_reader import Damaged, Model, Node, Tensor, read_model
from onnx_writer import Graph

CONVOLUTIONS = ("Conv", "ConvTranspose")
HEADS = ("Sigmoid",)
MAX_SOURCE = 256 << 20
LEAST_SCALE = 1e-8


@dataclass
class Point:
    """A tensor that becomes bytes."""
    name: str
    per_channel: bool  # depthwise convolutions alone read it: each channel may have a scale of its own


def readers_of(model: Model) -> dict[str, list[Node]]:
    readers: dict[str, list[Node]] = {}
    for node in model.nodes:
        for name in node.inputs:
            readers.setdefault(name, []).append(node)
    return readers


def is_depthwise(node: Node) -> bool:
    return node.kind == "Conv" and node.number("group", 1) > 1


def points(model: Model) -> list[Point]:
    """Every tensor that a convolution or an addition reads, in the order in which they are computed."""
    readers = readers_of(model)
    found = []
    for name in [model.input, *(node.output for node in model.nodes)]:
        kinds = [node.kind for node in readers.get(name, [])]
        if any(kind in (*CONVOLUTIONS, "Add") for kind in kinds):
            found.append(Point(name, all(is_depthwise(node) for node in readers[name])))
    return found


def read_ranges(path: Path) -> dict[str, tuple[float, list[float]]]:
    ranges = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, least, *largest = line.split()
            ranges[name] = (float(least), [float(word) for word in largest])
    return ranges


def floats(values: list[float]) -> bytes:
    return array("f", values).tobytes()


class Quantiser:
    def __init__(self, model: Model, ranges: dict[str, tuple[float, list[float]]]):
        self._model = model
        self._ranges = ranges
        self._graph = Graph("quantised")
        self._names: dict[str, str] = {}  # of tensors here, by their names in the source
        self._points = {point.name: point for point in points(model)}

    def run(self) -> bytes:
        model = self._model
        self._keep(model.input, self._graph.input(model.input, [1, 3, "height", "width"]))
        normalised = {node.inputs[0]: node for node in model.nodes if node.kind == "BatchNormalization"}
        for node in model.nodes:
            if node.kind in CONVOLUTIONS:
                follower = normalised.get(node.output)
                made = self._convolution(node, follower)
                self._keep(follower.output if follower else node.output, made)
            elif node.kind in ("Relu", "Add", *HEADS):
                inputs = [self._names[name] for name in node.inputs]
                self._keep(node.output, self._graph.node(node.kind, inputs))
            elif node.kind != "BatchNormalization" or node.output not in self._names:
                raise Damaged(f"a node of kind {node.kind} does not belong here")
        for name in model.outputs:
            self._graph.output(self._names[name], [1, "channels", "rows", "columns"])
        return self._graph.model()

    def _keep(self, name: str, made: str) -> None:
        """Remembers a tensor, as bytes where it is one of the points."""
        self._names[name] = self._as_bytes(name, made) if name in self._points else made

    def _as_bytes(self, name: str, made: str) -> str:
        if name not in self._ranges:
            raise Damaged(f"no range is given for tensor {name}")
        least, largest = self._ranges[name]
        if len(largest) > 1 and not self._points[name].per_channel:
            raise Damaged(f"tensor {name} must have one range")
        if not all(math.isfinite(value) and value > 0 for value in largest):
            raise Damaged(f"the range of tensor {name} is none")
        signed = least < 0
        scales = [max(value, -least) / (127 if signed else 255) for value in largest]
        shape = [len(scales)] if len(scales) > 1 else []
        scale = self._graph.floats(shape, floats(scales))
        zero = self._graph.small(shape, bytes(len(scales)), signed)
        coded = self._graph.node("QuantizeLinear", [made, scale, zero], axis=1)
        return self._graph.node("DequantizeLinear", [coded, scale, zero], axis=1)

    def _weights(self, values: Tensor, axis: int) -> str:
        """Signed bytes, one scale for each index along `axis`."""
        count, inner = values.shape[axis], math.prod(values.shape[axis + 1:])
        channel = [index // inner % count for index in range(len(values.data))]
        largest = [LEAST_SCALE] * count
        for index, value in zip(channel, values.data):
            largest[index] = max(largest[index], abs(value))
        scales = array("f", (value / 127 for value in largest))
        coded = array("b", (round(max(-127.0, min(127.0, value / scales[index])))
                            for index, value in zip(channel, values.data)))
        scale = self._graph.floats([count], scales.tobytes())
        return self._graph.node("DequantizeLinear", [self._graph.small(values.shape, coded.tobytes(), True), scale,
                                                     self._graph.small([count], bytes(count), True)], axis=axis)

    def _convolution(self, node: Node, normalisation: Node | None) -> str:
        source, *constants = node.inputs
        weights = self._model.tensor(constants[0])
        bias = self._model.tensor(constants[1]).data if len(constants) > 1 else None
        axis = 1 if node.kind == "ConvTranspose" else 0
        if normalisation is not None:
            weights, bias = self._folded(weights, bias, axis, normalisation)
        inputs = [self._names[source], self._weights(weights, axis)]
        if bias is not None:
            inputs.append(self._graph.floats([len(bias)], bias.tobytes()))
        return self._graph.node(node.kind, inputs, **node.attributes)

    def _folded(self, weights: Tensor, bias: array | None, axis: int, node: Node) -> tuple[Tensor, array]:
        gain, shift, mean, variance = (self._model.tensor(name).data for name in node.inputs[1:])
        factor = [g / math.sqrt(v + node.number("epsilon", 1e-5)) for g, v in zip(gain, variance)]
        before = bias if bias is not None else [0.0] * len(factor)
        inner = math.prod(weights.shape[axis + 1:])
        data = array("f", (value * factor[index // inner % len(factor)] for index, value in enumerate(weights.data)))
        return Tensor(weights.shape, data), array("f", ((b - m) * f + s for b, m, f, s
                                                        in zip(before, mean, factor, shift)))


def convert(source: Path, ranges: Path, target: Path) -> None:
    data = source.read_bytes() if source.stat().st_size <= MAX_SOURCE else b""
    made = Quantiser(read_model(data), read_ranges(ranges)).run()
    fresh = target.with_name(f"{target.name}.{os.getpid()}.part")
    fresh.write_bytes(made)
    os.replace(fresh, target)


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        convert(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
    except (Damaged, LookupError, OSError, ValueError) as error:
        print(f"{sys.argv[1]}: not converted: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
