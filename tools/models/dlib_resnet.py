#!/usr/bin/env python3
"""Turns dlib's face recognition network into an ONNX model.

The source is a C++ object written by dlib 19 (dlib/serialize.h, dlib/dnn/core.h): nested layers, the outermost
first, of which only the version numbers stand before the innermost one; then, from the input up, each layer's
parameters. The structure is that of dlib's dnn_face_recognition example, a ResNet with 29 convolutions, and it
is checked at every step. Weights are copied as they are.

usage: dlib_resnet.py dlib_face_recognition_resnet_model_v1.dat OUT.onnx
"""

import hashlib
import os
import sys
from array import array
from dataclasses import dataclass
from math import prod
from pathlib import Path

from onnx_writer import Graph

SOURCE_SHA256 = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
SIDE = 150
DIMENSIONS = 128
MAX_VALUES = 1 << 22


class Damaged(Exception):
    """The source is not what this program reads."""


class Reader:
    """dlib's serialisation: integers as a length byte and little-endian digits, floats as mantissa and exponent."""

    def __init__(self, data: bytes):
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        if count < 0 or count > len(self._data) - self._at:
            raise Damaged(f"it ends within {count} bytes at offset {self._at}")
        self._at += count
        return self._data[self._at - count:self._at]

    def integer(self) -> int:
        control = self.take(1)[0]
        size = control & 0x0F
        if not 1 <= size <= 8 or control & 0x70:
            raise Damaged(f"no integer at offset {self._at - 1}")
        value = int.from_bytes(self.take(size), "little")
        return -value if control & 0x80 else value

    def expect(self, value: int, what: str) -> None:
        found = self.integer()
        if found != value:
            raise Damaged(f"{what} is {found}, not {value} (before offset {self._at})")

    def real(self) -> float:
        mantissa, exponent = self.integer(), self.integer()
        if abs(exponent) > 1000:
            raise Damaged(f"no finite number before offset {self._at}")
        return mantissa * 2.0 ** exponent

    def text(self) -> str:
        size = self.integer()
        if not 0 <= size <= 64:
            raise Damaged(f"no name before offset {self._at}")
        return self.take(size).decode("ascii", "replace")

    def name(self, allowed: tuple[str, ...]) -> str:
        found = self.text()
        if found not in allowed:
            raise Damaged(f"'{found}' where {' or '.join(allowed)} belongs (before offset {self._at})")
        return found

    def flag(self) -> None:
        if self.take(1) not in b"01":
            raise Damaged(f"no truth value before offset {self._at}")

    def shape(self, version: int) -> list[int]:
        self.expect(version, "a tensor's version")
        sides = [self.integer() for _ in range(4)]
        if min(sides) < 0 or prod(sides) > MAX_VALUES:
            raise Damaged(f"a tensor of {sides} before offset {self._at}")
        return sides

    def tensor(self) -> array:
        """Little-endian IEEE floats."""
        sides = self.shape(2)
        values = array("f", self.take(4 * prod(sides)))
        if sys.byteorder == "big":
            values.byteswap()
        return values

    def at_end(self) -> bool:
        return self._at == len(self._data)


@dataclass
class Layer:
    kind: str
    filters: int = 0
    size: int = 0
    stride: int = 1


def block(filters: int, stride: int) -> list[Layer]:
    return [Layer("tag1"), Layer("con", filters, 3, stride), Layer("affine"), Layer("relu"),
            Layer("con", filters, 3, 1), Layer("affine")]


def residual(filters: int) -> list[Layer]:
    return [*block(filters, 1), Layer("add_prev"), Layer("relu")]


def residual_down(filters: int) -> list[Layer]:
    return [*block(filters, 2), Layer("tag2"), Layer("skip1"), Layer("avg_pool", 0, 2, 2), Layer("add_prev"),
            Layer("relu")]


def network() -> list[Layer]:
    """From the input up."""
    layers = [Layer("con", 32, 7, 2), Layer("affine"), Layer("relu"), Layer("max_pool", 0, 3, 2)]
    layers += residual(32) * 3
    layers += residual_down(64) + residual(64) * 3
    layers += residual_down(128) + residual(128) * 2
    layers += residual_down(256) + residual(256) * 2
    layers += residual_down(256)
    return [*layers, Layer("avg_pool", 0, 0, 1), Layer("fc", DIMENSIONS)]


@dataclass
class Tensor:
    """A value that flows through the network."""
    name: str
    channels: int
    side: int


class Converter:
    """Walks the layers and the stream at once; `tags` are values that later layers come back to."""

    def __init__(self, reader: Reader):
        self._reader = reader
        self._graph = Graph("dlib-face-recognition")
        self._tags: dict[str, Tensor] = {}
        self._bias = array("f")

    def _floats(self, shape: list[int], values: array) -> str:
        little = array("f", values)
        if sys.byteorder == "big":
            little.byteswap()
        return self._graph.floats(shape, little.tobytes())

    def convert(self) -> bytes:
        reader, layers = self._reader, network()
        reader.expect(1, "the loss layer's version")
        reader.name(("loss_metric_2",))
        reader.real(), reader.real()
        for place, layer in reversed(list(enumerate(layers))):
            version = 1 if layer.kind[:3] in ("tag", "ski") else 3 if place == 0 else 2
            reader.expect(version, f"the version of layer {place} ({layer.kind})")
        value = self._input()
        for place, layer in enumerate(layers):
            value = getattr(self, "_" + layer.kind.rstrip("12"))(value, layer)
            if layer.kind[:3] not in ("tag", "ski"):
                self._end_of_layer(first=place == 0)
        if not reader.at_end():
            raise Damaged("something follows the last layer")
        self._graph.output(value.name, [1, DIMENSIONS])
        return self._graph.model()

    def _end_of_layer(self, first: bool) -> None:
        for _ in range(3):
            self._reader.flag()
        for _ in range(3):
            self._reader.tensor()  # gradients and the last output
        if first:
            self._reader.expect(1, "the sample expansion factor")

    def _input(self) -> Tensor:
        reader, graph = self._reader, self._graph
        reader.name(("input_rgb_image_sized",))
        means = [reader.real() for _ in range(3)]
        reader.expect(SIDE, "the input's height"), reader.expect(SIDE, "the input's width")
        name = graph.input("picture", [1, 3, SIDE, SIDE])
        name = self._graph.node("Sub", [name, self._floats([1, 3, 1, 1], array("f", means))])
        name = self._graph.node("Mul", [name, self._floats([1, 1, 1, 1], array("f", [1 / 256]))])
        return Tensor(name, 3, SIDE)

    def _con(self, value: Tensor, layer: Layer) -> Tensor:
        reader = self._reader
        version = reader.name(("con_4", "con_5"))
        params = reader.tensor()
        padding = layer.size // 2 if layer.stride == 1 else 0
        for expected in (layer.filters, layer.size, layer.size, layer.stride, layer.stride, padding, padding):
            reader.expect(expected, "a convolution's geometry")
        reader.shape(1), reader.shape(1)
        for _ in range(4):
            reader.real()
        if version == "con_5":
            reader.flag()
        weights = layer.filters * value.channels * layer.size ** 2
        if len(params) != weights + layer.filters:
            raise Damaged(f"a convolution holds {len(params)} numbers")
        self._bias = params[weights:]
        kernel = self._floats([layer.filters, value.channels, layer.size, layer.size], params[:weights])
        name = self._graph.node("Conv", [value.name, kernel], kernel_shape=[layer.size] * 2,
                                strides=[layer.stride] * 2, pads=[padding] * 4)
        return Tensor(name, layer.filters, (value.side + 2 * padding - layer.size) // layer.stride + 1)

    def _affine(self, value: Tensor, _: Layer) -> Tensor:
        """gamma * (x + bias) + beta, the bias being that of the convolution below."""
        reader = self._reader
        version = reader.name(("affine_", "affine_2"))
        params = reader.tensor()
        reader.shape(1), reader.shape(1)
        reader.expect(0, "an affine layer's mode")
        if version == "affine_2":
            reader.flag()
        if len(params) != 2 * value.channels or len(self._bias) != value.channels:
            raise Damaged(f"an affine layer holds {len(params)} numbers")
        gamma, beta = params[:value.channels], params[value.channels:]
        shift = array("f", (b + g * c for g, b, c in zip(gamma, beta, self._bias)))
        shape = [1, value.channels, 1, 1]
        name = self._graph.node("Mul", [value.name, self._floats(shape, gamma)])
        return Tensor(self._graph.node("Add", [name, self._floats(shape, shift)]), value.channels, value.side)

    def _relu(self, value: Tensor, _: Layer) -> Tensor:
        self._reader.name(("relu_",))
        return Tensor(self._graph.node("Relu", [value.name]), value.channels, value.side)

    def _pool_geometry(self, name: str, layer: Layer) -> None:
        self._reader.name((name,))
        for expected in (layer.size, layer.size, layer.stride, layer.stride, 0, 0):
            self._reader.expect(expected, "a pooling layer's geometry")

    def _max_pool(self, value: Tensor, layer: Layer) -> Tensor:
        self._pool_geometry("max_pool_2", layer)
        return self._pooled("MaxPool", value, layer)

    def _avg_pool(self, value: Tensor, layer: Layer) -> Tensor:
        self._pool_geometry("avg_pool_2", layer)
        if layer.size == 0:
            return Tensor(self._graph.node("GlobalAveragePool", [value.name]), value.channels, 1)
        return self._pooled("AveragePool", value, layer)

    def _pooled(self, kind: str, value: Tensor, layer: Layer) -> Tensor:
        name = self._graph.node(kind, [value.name], kernel_shape=[layer.size] * 2, strides=[layer.stride] * 2)
        return Tensor(name, value.channels, (value.side - layer.size) // layer.stride + 1)

    def _tag(self, value: Tensor, layer: Layer) -> Tensor:
        self._tags[layer.kind] = value
        return value

    def _skip(self, _: Tensor, __: Layer) -> Tensor:
        """Back to what stood before the block; its result is tag2."""
        return self._tags["tag1"]

    def _add_prev(self, value: Tensor, _: Layer) -> Tensor:
        """The smaller one counts as zero beyond its channels, rows and columns."""
        self._reader.name(("add_prev_",))
        other = self._tags.pop("tag2", None) or self._tags["tag1"]
        channels, side = max(value.channels, other.channels), max(value.side, other.side)
        parts = [self._padded(part, channels, side) for part in (value, other)]
        return Tensor(self._graph.node("Add", parts), channels, side)

    def _padded(self, value: Tensor, channels: int, side: int) -> str:
        if (value.channels, value.side) == (channels, side):
            return value.name
        ends = [0, channels - value.channels, side - value.side, side - value.side]
        return self._graph.node("Pad", [value.name, self._graph.integers([0, 0, 0, 0, *ends])])

    def _fc(self, value: Tensor, layer: Layer) -> Tensor:
        reader = self._reader
        version = reader.name(("fc_2", "fc_3"))
        reader.expect(layer.filters, "the number of outputs"), reader.expect(value.channels, "the number of inputs")
        params = reader.tensor()
        reader.shape(1), reader.shape(1)
        reader.expect(1, "the bias mode (1: none)")
        for _ in range(4):
            reader.real()
        if version == "fc_3":
            reader.flag()
        flat = self._graph.node("Flatten", [value.name], axis=1)
        weights = self._floats([value.channels, layer.filters], params)
        return Tensor(self._graph.node("MatMul", [flat, weights]), layer.filters, 1)


def convert(source: Path, target: Path) -> None:
    data = source.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != SOURCE_SHA256:
        raise Damaged(f"its SHA-256 is {digest}, not {SOURCE_SHA256}")
    model = Converter(Reader(data)).convert()
    pending = target.with_name(target.name + ".new")
    pending.write_bytes(model)
    os.replace(pending, target)


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        convert(Path(sys.argv[1]), Path(sys.argv[2]))
    except (Damaged, OSError, ValueError) as error:
        print(f"{sys.argv[1]}: not converted: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
