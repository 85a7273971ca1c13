"""tools/models/tfjs_to_onnx.py: what becomes of weights, and what is refused."""

import json
import shutil
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def floats(*values):
    return struct.pack(f"<{len(values)}f", *values)


class TfjsToOnnx(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def convert(self, nodes, weights, shard, pattern="out*"):
        (self.folder / "shard").write_bytes(shard)
        (self.folder / "model.json").write_text(json.dumps(
            {"modelTopology": {"node": nodes}, "weightsManifest": [{"paths": ["shard"], "weights": weights}]}))
        target = self.folder / "made.onnx"
        done = subprocess.run(["/usr/bin/python3", "-B", str(ROOT / "tools/models/tfjs_to_onnx.py"),
                               str(self.folder / "model.json"), "in", pattern, str(target)],
                              capture_output=True, text=True, check=False)
        return done, target.read_bytes() if target.exists() else b""

    @staticmethod
    def convolution():
        """Two filters of 1x2 pixels over three channels."""
        window = {"strides": {"list": {"i": ["1", "2", "2", "1"]}}, "padding": {"s": list(b"SAME")},
                  "data_format": {"s": "TkhXQw=="}}
        return [{"name": "in", "op": "Placeholder", "input": []},
                {"name": "out", "op": "Conv2D", "input": ["in", "kernel"], "attr": window},
                {"name": "kernel", "op": "Const", "input": []}]

    def test_weights_are_turned_from_pixels_to_planes(self):
        done, made = self.convert(self.convolution(), [{"name": "kernel", "shape": [1, 2, 3, 2], "dtype": "float32"}],
                                  floats(*range(12)))
        self.assertEqual(done.returncode, 0, done.stderr)
        # Filter by filter, channel by channel: what stood at height, width, channel, filter.
        self.assertIn(floats(0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11), made)
        self.assertIn(b"SAME_UPPER", made)

    def test_quantised_weights_become_floats(self):
        weight = {"name": "kernel", "shape": [1, 2, 3, 2], "dtype": "float32",
                  "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1}}
        done, made = self.convert(self.convolution(), [weight], bytes(range(12)))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(floats(-1, 2, 0, 3, 1, 4), made)
        weight["quantization"] = {"dtype": "float16"}
        done, made = self.convert(self.convolution(), [weight], struct.pack("<12e", *range(12)))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(floats(0, 6, 2, 8, 4, 10), made)

    def test_the_same_source_gives_the_same_bytes(self):
        weights = [{"name": "kernel", "shape": [1, 2, 3, 2], "dtype": "float32"}]
        first, second = (self.convert(self.convolution(), weights, floats(*range(12)))[1] for _ in range(2))
        self.assertEqual(first, second)

    def refused(self, because, *arguments, **named):
        done, made = self.convert(*arguments, **named)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(made, b"")
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(because, done.stderr)

    def test_what_is_not_known_is_refused(self):
        weights = [{"name": "kernel", "shape": [1, 2, 3, 2], "dtype": "float32"}]
        shard = floats(*range(12))
        self.refused("the manifest tells of", self.convolution(), weights, shard + b"more")
        self.refused("no node is named", self.convolution(), weights, shard, pattern="nothing*")
        other = self.convolution()
        other[1]["op"] = "Softmax"
        self.refused("Softmax", other, weights, shard)
        planes = self.convolution()
        planes[1]["attr"]["data_format"] = {"s": list(b"NCHW")}
        self.refused("not known", planes, weights, shard)


if __name__ == "__main__":
    unittest.main()
