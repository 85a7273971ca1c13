"""Writes ONNX models (github.com/onnx/onnx, onnx.proto) without the onnx package.

Only what the converters of this folder need: tensors of floats and bytes, nodes with plain attributes, opset 13. The same
calls give the same bytes, so that a manifest can pin the result.
"""

import struct

FLOAT, UINT8, INT8, INT64 = 1, 2, 3, 7
_INT, _INTS, _FLOAT, _STRING = 2, 7, 1, 3  # AttributeProto.AttributeType


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _attribute(name: str, value: int | float | str | list[int]) -> bytes:
    if isinstance(value, list):
        body = b"".join(_number(8, item) for item in value) + _number(20, _INTS)
    elif isinstance(value, float):
        body = _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, _FLOAT)
    elif isinstance(value, str):
        body = _bytes(4, value) + _number(20, _STRING)
    else:
        body = _number(3, value) + _number(20, _INT)
    return _bytes(1, name) + body


def _tensor(name: str, kind: int, shape: list[int], raw: bytes) -> bytes:
    return b"".join(_number(1, side) for side in shape) + _number(2, kind) + _bytes(8, name) + _bytes(9, raw)


def _value(name: str, shape: list[int | str]) -> bytes:
    """A text in `shape` names a side that may have any size."""
    sides = b"".join(_bytes(1, _bytes(2, side) if isinstance(side, str) else _number(1, side)) for side in shape)
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, FLOAT) + _bytes(2, sides)))


class Graph:
    """Nodes are added in the order in which they compute; each call gives the name of its output."""

    def __init__(self, name: str):
        self._name = name
        self._parts: list[bytes] = []
        self._names = 0

    def _fresh(self, stem: str) -> str:
        self._names += 1
        return f"{stem}_{self._names}"

    def floats(self, shape: list[int], raw: bytes) -> str:
        """A constant; `raw` holds little-endian IEEE floats."""
        count = 4
        for side in shape:
            count *= side
        if len(raw) != count:
            raise ValueError(f"a tensor of {shape} takes {count} bytes, not {len(raw)}")
        name = self._fresh("constant")
        self._parts.append(_bytes(5, _tensor(name, FLOAT, shape, raw)))
        return name

    def small(self, shape: list[int], raw: bytes, signed: bool) -> str:
        """A constant of bytes."""
        name = self._fresh("constant")
        self._parts.append(_bytes(5, _tensor(name, INT8 if signed else UINT8, shape, raw)))
        return name

    def integers(self, values: list[int]) -> str:
        name = self._fresh("constant")
        raw = struct.pack(f"<{len(values)}q", *values)
        self._parts.append(_bytes(5, _tensor(name, INT64, [len(values)], raw)))
        return name

    def node(self, kind: str, inputs: list[str], **attributes: int | float | str | list[int]) -> str:
        name = self._fresh(kind.lower())
        body = b"".join(_bytes(1, item) for item in inputs) + _bytes(2, name) + _bytes(3, name) + _bytes(4, kind)
        body += b"".join(_bytes(5, _attribute(key, value)) for key, value in attributes.items())
        self._parts.append(_bytes(1, body))
        return name

    def input(self, name: str, shape: list[int | str]) -> str:
        self._parts.append(_bytes(11, _value(name, shape)))
        return name

    def output(self, name: str, shape: list[int | str]) -> None:
        self._parts.append(_bytes(12, _value(name, shape)))

    def model(self) -> bytes:
        graph = b"".join(self._parts) + _bytes(2, self._name)
        return _number(1, 8) + _bytes(2, "sightline") + _bytes(7, graph) + _bytes(8, _bytes(1, "") + _number(2, 13))
