#!/usr/bin/env python3
"""Makes an ONNX file of a part of a TensorFlow.js graph model.

The part lies between one node, which the network's input takes the place of, and the nodes whose names match PATTERN,
which are its outputs in the order of their names. Pixels become planes (NHWC to NCHW); the picture may have any size.
Weights may be quantised. Same input, same bytes.

usage: tfjs_to_onnx.py MODEL.json INPUT_NODE PATTERN OUT.onnx
"""

import base64
import fnmatch
import json
import struct
import sys
from array import array
from math import prod
from pathlib import Path

from onnx_writer import Graph

ITEM = {"float32": "f", "int32": "i", "uint8": "B", "uint16": "H"}
NHWC = list(b"NHWC")


class Failure(Exception):
    """What went wrong, in one line."""


def text_of(attribute: dict) -> str:
    """Files hold a text as base64 or as a list of its bytes."""
    text = attribute["s"]
    return (base64.b64decode(text) if isinstance(text, str) else bytes(text)).decode()


def half_floats(raw: bytes) -> array:
    return array("f", struct.unpack(f"<{len(raw) // 2}e", raw))


def values_of(weight: dict, raw: bytes) -> array:
    quantised = weight.get("quantization")
    if quantised is None:
        return array(ITEM[weight["dtype"]], raw)
    if quantised["dtype"] == "float16":
        return half_floats(raw)
    scale, least = quantised["scale"], quantised["min"]
    return array("f", (value * scale + least for value in array(ITEM[quantised["dtype"]], raw)))


def bytes_per_value(weight: dict) -> int:
    kind = weight.get("quantization", weight)["dtype"]
    return 2 if kind == "float16" else array(ITEM[kind]).itemsize


def read_weights(model: dict, folder: Path) -> dict[str, tuple[list[int], array]]:
    weights = {}
    for group in model["weightsManifest"]:
        blob = b"".join((folder / path).read_bytes() for path in group["paths"])
        place = 0
        for weight in group["weights"]:
            size = prod(weight["shape"]) * bytes_per_value(weight)
            weights[weight["name"]] = (weight["shape"], values_of(weight, blob[place:place + size]))
            place += size
        if place != len(blob):
            raise Failure(f"the shards hold {len(blob)} bytes, the manifest tells of {place}")
    return weights


class Converter:
    """Walks from the outputs to the input; every TensorFlow node becomes the ONNX node of the same meaning."""

    def __init__(self, model: dict, folder: Path, input_node: str):
        self.nodes = {node["name"]: node for node in model["modelTopology"]["node"]}
        self.weights = read_weights(model, folder)
        self.graph = Graph("part of a TensorFlow.js graph model")
        self.done = {input_node: self.graph.input("picture", [1, 3, "height", "width"])}

    def convert(self, pattern: str) -> bytes:
        outputs = sorted(fnmatch.filter(self.nodes, pattern))
        if not outputs:
            raise Failure(f"no node is named {pattern}")
        for output in outputs:
            self.graph.output(self.name_of(output), [1, "channels", "rows", "columns"])
        return self.graph.model()

    def name_of(self, name: str) -> str:
        """The ONNX tensor of a TensorFlow node, made with what it needs. Deep chains: no recursion."""
        waiting = [name]
        while waiting:
            node = self.nodes[waiting[-1]]
            missing = [item for item in node["input"] if item not in self.done and item not in self.weights]
            if missing:
                waiting.extend(missing)
                continue
            waiting.pop()
            if node["name"] not in self.done:
                self.done[node["name"]] = self.make(node)
        return self.done[name]

    def make(self, node: dict) -> str:
        maker = getattr(self, f"make_{node['op'].lower()}", None)
        if maker is None:
            raise Failure(f"{node['name']}: no ONNX node is known for {node['op']}")
        return maker(node)

    def inputs(self, node: dict) -> list[str]:
        """Computed inputs as they are; constants are values a channel, which planes need as 1 x C x 1 x 1."""
        return [self.done[name] if name in self.done else self.per_channel(name) for name in node["input"]]

    def per_channel(self, name: str) -> str:
        shape, values = self.weights[name]
        if len(values) not in (1, shape[-1] if shape else 1):
            raise Failure(f"{name}: a constant of the shape {shape} is not one value a channel")
        self.done[name] = self.graph.floats([1, len(values), 1, 1], values.tobytes())
        return self.done[name]

    @staticmethod
    def window(node: dict) -> dict:
        attributes = node["attr"]
        padding = text_of(attributes["padding"])
        if padding not in ("SAME", "VALID") or text_of(attributes.get("data_format", {"s": NHWC})) != "NHWC":
            raise Failure(f"{node['name']}: a padding or layout that is not known")

        def sides(key: str) -> list[int]:
            return [int(side) for side in attributes[key]["list"]["i"][1:3]] if key in attributes else [1, 1]

        return {"auto_pad": "SAME_UPPER" if padding == "SAME" else "VALID", "strides": sides("strides"),
                "dilations": sides("dilations")}

    def make_conv2d(self, node: dict) -> str:
        source, weights = node["input"]
        (height, width, inner, outer), values = self.weights[weights]
        turned = array("f")
        for o in range(outer):
            if height * width == 1:
                turned.extend(values[o::outer])
                continue
            for i in range(inner):
                turned.extend(values[i * outer + o::inner * outer])
        kernel = self.graph.floats([outer, inner, height, width], turned.tobytes())
        return self.graph.node("Conv", [self.done[source], kernel], kernel_shape=[height, width], **self.window(node))

    def make_depthwiseconv2dnative(self, node: dict) -> str:
        source, weights = node["input"]
        (height, width, channels, factor), values = self.weights[weights]
        turned = array("f")
        for c in range(channels * factor):
            turned.extend(values[c::channels * factor])
        kernel = self.graph.floats([channels * factor, 1, height, width], turned.tobytes())
        return self.graph.node("Conv", [self.done[source], kernel], kernel_shape=[height, width], group=channels,
                               **self.window(node))

    def make_fusedbatchnorm(self, node: dict) -> str:
        source, *parameters = node["input"]
        constants = [self.graph.floats(self.weights[name][0], self.weights[name][1].tobytes()) for name in parameters]
        return self.graph.node("BatchNormalization", [self.done[source], *constants],
                               epsilon=float(node["attr"]["epsilon"]["f"]))

    def make_relu6(self, node: dict) -> str:
        for name, value in (("zero", 0.0), ("six", 6.0)):
            if name not in self.done:
                self.done[name] = self.graph.floats([], array("f", [value]).tobytes())
        return self.graph.node("Clip", [*self.inputs(node), self.done["zero"], self.done["six"]])

    def make_add(self, node: dict) -> str:
        return self.graph.node("Add", self.inputs(node))

    make_biasadd = make_add

    def make_addn(self, node: dict) -> str:
        return self.graph.node("Sum", self.inputs(node))

    def make_mul(self, node: dict) -> str:
        return self.graph.node("Mul", self.inputs(node))


def convert(model_file: Path, input_node: str, pattern: str, target: Path) -> None:
    model = json.loads(model_file.read_text())
    converted = Converter(model, model_file.parent, input_node).convert(pattern)
    pending = target.with_name(target.name + ".new")
    pending.write_bytes(converted)
    pending.replace(target)


def main() -> int:
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        convert(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]))
    except (Failure, OSError, ValueError, KeyError) as failure:
        print(f"{sys.argv[1]}: not converted: {failure!r}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
