"""tools/models/quantise.py: what the program makes is what the manifest pins; what is damaged or unknown is refused."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from array import array
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("SIGHTLINE_CACHE") or
             Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sightline")
SOURCE = CACHE / "models/centerface.onnx"
RANGES = ROOT / "models/centerface-int8.ranges"
PROGRAM = ROOT / "tools/models/quantise.py"
sys.dont_write_bytecode = True
sys.path.insert(0, str(PROGRAM.parent))

import onnx_reader  # noqa: E402
import quantise  # noqa: E402
from onnx_writer import Graph  # noqa: E402


class Quantise(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.target = self.folder / "made.onnx"

    def convert(self, source, ranges=RANGES):
        return subprocess.run([sys.executable, "-B", str(PROGRAM), str(source), str(ranges), str(self.target)],
                              capture_output=True, text=True, check=False)

    def refused(self, source, ranges, reason):
        done = self.convert(source, ranges)
        self.assertEqual(done.returncode, 1)
        self.assertIn(reason, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertEqual(list(self.folder.glob("made*")), [])

    def small(self, kind="Relu"):
        """One convolution of 2x1 filters over one channel, with a node behind it."""
        graph = Graph("small")
        picture = graph.input("picture", [1, 1, "height", "width"])
        weights = graph.floats([2, 1, 2, 1], array("f", [0.5, -1.0, 12.7, 0.1]).tobytes())
        made = graph.node("Conv", [picture, weights], kernel_shape=[2, 1])
        graph.output(graph.node(kind, [made]), [1, 2, "rows", "columns"])
        source = self.folder / "small.onnx"
        source.write_bytes(graph.model())
        return source

    def ranges(self, text):
        path = self.folder / "ranges"
        path.write_text(text)
        return path

    def test_the_result_is_the_one_that_the_manifest_pins(self):
        done = self.convert(SOURCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        pinned = re.search(r'^sha256 = "([0-9a-f]{64})"', (ROOT / "models/centerface-int8.toml").read_text(), re.MULTILINE)
        self.assertEqual(hashlib.sha256(self.target.read_bytes()).hexdigest(), pinned[1])

    def test_the_manifest_names_the_very_source(self):
        pinned = re.search(r'^quantised_from = "([0-9a-f]{64})"', (ROOT / "models/centerface-int8.toml").read_text(),
                           re.MULTILINE)
        self.assertEqual(hashlib.sha256(SOURCE.read_bytes()).hexdigest(), pinned[1])

    def test_weights_become_bytes_with_a_scale_a_channel(self):
        done = self.convert(self.small(), self.ranges("picture 0 255\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        made = self.target.read_bytes()
        self.assertIn(array("b", [64, -127, 127, 1]).tobytes(), made)
        self.assertIn(array("f", [1.0 / 127, 12.7 / 127]).tobytes(), made)

    def test_what_is_not_known_is_refused(self):
        self.refused(self.small(), self.ranges(""), "no range is given for tensor picture")
        self.refused(self.small(), self.ranges("picture 0 0\n"), "range of tensor picture")
        self.refused(self.small(), self.ranges("picture 0 1 2\n"), "must have one range")
        self.refused(self.small("Tanh"), self.ranges("picture 0 255\n"), "Tanh")
        self.refused(RANGES, RANGES, "not converted")

    def test_a_model_cut_short_is_refused(self):
        data = self.small().read_bytes()
        ranges = quantise.read_ranges(self.ranges("picture 0 255\n"))
        for size in range(len(data) - 6):  # behind the graph stands the version alone
            with self.assertRaises((onnx_reader.Damaged, LookupError, ValueError)):
                quantise.Quantiser(onnx_reader.read_model(data[:size]), ranges).run()


if __name__ == "__main__":
    unittest.main()
