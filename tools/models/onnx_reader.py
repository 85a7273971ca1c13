"""Reads ONNX models (github.com/onnx/onnx, onnx.proto) without the onnx package.

Only what the converters of this folder need: one graph with one picture as input, nodes with one output each and plain
attributes, float tensors.
"""

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod

FLOAT = 1
Value = int | bytes


class Damaged(Exception):
    """The source is not what this program reads."""


@dataclass
class Tensor:
    shape: list[int]
    data: array


@dataclass
class Node:
    kind: str
    inputs: list[str]
    output: str
    attributes: dict[str, int | float | list[int]] = field(default_factory=dict)

    def number(self, name: str, otherwise: float) -> float:
        value = self.attributes.get(name, otherwise)
        return otherwise if isinstance(value, list) else value


@dataclass
class Model:
    input: str
    outputs: list[str]
    nodes: list[Node]
    tensors: dict[str, Tensor]

    def tensor(self, name: str) -> Tensor:
        if name not in self.tensors:
            raise Damaged(f"tensor {name} is not there")
        return self.tensors[name]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        if at >= len(data):
            raise Damaged("it ends within a number")
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    raise Damaged("a number is longer than 64 bits")


def _fields(data: bytes) -> Iterator[tuple[int, Value]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if key & 7 == 2:
            size, at = _varint(data, at)
        elif key & 7 in (1, 5):
            size = 8 if key & 7 == 1 else 4
        else:
            raise Damaged(f"no field of a model at byte {at}")
        if size > len(data) - at:
            raise Damaged("it ends within a field")
        yield key >> 3, data[at:at + size]
        at += size


def _of(data: bytes, number: int) -> list[Value]:
    return [value for key, value in _fields(data) if key == number]


def _messages(data: bytes, number: int) -> list[bytes]:
    return [value for value in _of(data, number) if isinstance(value, bytes)]


def _text(data: bytes, number: int) -> str:
    return b"".join(_messages(data, number)[:1]).decode("utf-8", "replace")


def _integers(data: bytes, number: int) -> list[int]:
    """Repeated integers, packed or not; negative ones stand as 64 bits."""
    values = []
    for value in _of(data, number):
        if isinstance(value, int):
            values.append(value)
            continue
        at = 0
        while at < len(value):
            one, at = _varint(value, at)
            values.append(one)
    return [value - (1 << 64) if value >> 63 else value for value in values]


def _attribute(data: bytes) -> tuple[str, int | float | list[int]]:
    name = _text(data, 1)
    if number := _messages(data, 2):
        return name, struct.unpack("<f", number[0])[0]
    single, several = _integers(data, 3), _integers(data, 8)
    return name, several if several or not single else single[0]


def _node(data: bytes) -> Node:
    outputs = _messages(data, 2)
    if len(outputs) != 1:
        raise Damaged(f"a node of kind {_text(data, 4)} has {len(outputs)} outputs")
    return Node(_text(data, 4), [name.decode("utf-8", "replace") for name in _messages(data, 1)],
                outputs[0].decode("utf-8", "replace"), dict(_attribute(item) for item in _messages(data, 5)))


def _tensor(data: bytes) -> Tensor | None:
    """None where it does not hold floats."""
    shape = _integers(data, 1)
    if _integers(data, 2) != [FLOAT]:
        return None
    raw = b"".join(_messages(data, 9)[:1]) or b"".join(_messages(data, 4))
    if len(raw) != 4 * prod(shape):
        raise Damaged(f"tensor {_text(data, 8)} of {shape} has {len(raw)} bytes")
    return Tensor(shape, array("f", raw))


def read_model(data: bytes) -> Model:
    graphs = _messages(data, 7)
    if len(graphs) != 1:
        raise Damaged("it is no ONNX model")
    graph = graphs[0]
    # Some writers list the constants as inputs too.
    constants = {_text(item, 8) for item in _messages(graph, 5)}
    inputs = [name for name in (_text(item, 1) for item in _messages(graph, 11)) if name not in constants]
    if len(inputs) != 1:
        raise Damaged(f"it has {len(inputs)} inputs where one picture belongs")
    tensors = {}
    for item in _messages(graph, 5):
        if (tensor := _tensor(item)) is not None:
            tensors[_text(item, 8)] = tensor
    return Model(inputs[0], [_text(item, 1) for item in _messages(graph, 12)],
                 [_node(item) for item in _messages(graph, 1)], tensors)
