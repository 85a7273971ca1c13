"""What tools/check_layers.py finds in layers and build files made up here."""

import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import check_layers  # noqa: E402


class Layers(unittest.TestCase):
    def findings(self, text: str) -> list[str]:
        layers = check_layers.read_layers("floors low < left right < high\n" + text)
        return sorted(check_layers.check_floors(layers) + check_layers.check_circles(layers.modules))

    def test_downwards_is_fine(self) -> None:
        self.assertEqual(self.findings("low:\nleft/a: low\nleft/b: low left/a\nhigh: low left/b"), [])

    def test_a_module_climbs_no_floor(self) -> None:
        self.assertEqual(self.findings("low: high\nhigh:"), ["docs/layers.txt: low climbs to high"])

    def test_a_neighbour_is_no_lower_floor(self) -> None:
        self.assertEqual(self.findings("left:\nright: left"), ["docs/layers.txt: right climbs to left"])

    def test_each_stands_on_a_floor_and_names_modules_only(self) -> None:
        self.assertEqual(self.findings("low: lower\nroof: low"),
                         ["docs/layers.txt: low depends on lower, which is no module",
                          "docs/layers.txt: roof stands on no floor"])

    def test_a_star_is_every_module_of_a_folder(self) -> None:
        layers = check_layers.read_layers("left/a:\nleft/b:\nhigh: left/*")
        self.assertEqual(layers.modules["high"], {"left/a", "left/b"})

    def test_no_circles(self) -> None:
        self.assertEqual(self.findings("left/a: left/b\nleft/b: left/c\nleft/c: left/a\nlow:"),
                         ["docs/layers.txt: a circle: left/a -> left/b -> left/c -> left/a"])


class Declared(unittest.TestCase):
    CMAKE = """
# sightline_module(NAME LIBRARIES x)
function(sightline_module NAME)
  add_library(${NAME})
endfunction()
function(sightline_other VARIABLE)
endfunction()
function(sightline_service NAME)
  if(x)
  endif()
  sightline_module(far/${NAME} LIBRARIES ${ARG_LIBRARIES})
endfunction()
"""
    MODULES = {"base": set(), "far/wire": {"base"}, "far/s3": {"base", "far/wire", "net"}, "net": {"base"}}

    def findings(self, service: str) -> list[str]:
        text = "sightline_module(base)\nsightline_module(net\n  LIBRARIES fmt::fmt)\nsightline_module(far/wire)\n" + service
        declared = check_layers.declared_modules(check_layers.read_macros(self.CMAKE), text)
        return sorted(check_layers.check_declared(self.MODULES, declared))

    def test_every_macro_that_declares_a_module_is_read(self) -> None:
        self.assertEqual(check_layers.read_macros(self.CMAKE), {"sightline_module": "", "sightline_service": "far/"})
        self.assertEqual(self.findings("sightline_service(s3\n  LIBRARIES fmt::fmt)"), [])

    def test_both_know_the_same_modules(self) -> None:
        self.assertEqual(self.findings("sightline_service(sqs)"),
                         ["docs/layers.txt: src/CMakeLists.txt declares no module far/s3",
                          "src/CMakeLists.txt: far/sqs is no module of docs/layers.txt"])


if __name__ == "__main__":
    unittest.main()
