"""What is installed and packed runs by itself, wherever it is put: with the tree's build and cache out of reach."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"


def run(*words, **variables):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, cwd="/",
                          env={"PATH": "/usr/bin:/bin", **variables})


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="sightline-packages-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        for words in (["cmake", "--build", BUILD, "--target", "completions"],
                      ["cpack", "--config", BUILD / "CPackConfig.cmake", "-B", cls.folder / "packages"]):
            done = run(*words, HOME=os.environ.get("HOME", "/nonexistent"))
            if done.returncode != 0:
                raise AssertionError(done.stdout[-3000:] + done.stderr[-3000:])
        cls.deb, = (cls.folder / "packages").glob("*.deb")
        tarball, = (cls.folder / "packages").glob("*.tar.gz")
        elsewhere = cls.folder / "a folder elsewhere"
        elsewhere.mkdir()
        subprocess.run(["tar", "-xf", tarball, "-C", elsewhere], check=True)
        cls.prefix, = elsewhere.iterdir()

    def test_the_tarball_runs_where_it_is_unpacked(self):
        done = run(self.prefix / "bin/sightline", "--version")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"\d+\.\d+\.\d+")

    def test_it_finds_a_face_with_its_own_model_and_libraries(self):
        done = run(self.prefix / "bin/sightline", "detect", self.prefix / "share/sightline/demo/astronaut.png", "--json",
                   HOME=str(self.folder))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("box", done.stdout)
        json.loads(done.stdout)

    def test_no_library_comes_from_elsewhere_but_the_c_library(self):
        for program in (self.prefix / "bin/sightline", self.prefix / "lib/sightline/libopenvino_intel_cpu_plugin.so"):
            done = run("ldd", program)
            self.assertNotIn("not found", done.stdout)
            for line in done.stdout.splitlines():
                path = Path(line.split("=>")[-1].split(" (")[0].strip())
                if path.is_absolute() and not path.is_relative_to(self.prefix) and program.parent.name == "bin":
                    self.assertRegex(path.name, r"^(ld-linux-x86-64|lib(c|m|mvec|dl|rt|pthread|resolv))\.so")

    def test_each_library_has_its_package_and_licence(self):
        docs = self.prefix / "share/doc/sightline"
        lines = [line.split() for line in (docs / "libraries.txt").read_text().splitlines()]
        self.assertGreater(len(lines), 50)
        for name, package, _ in lines:
            self.assertTrue((self.prefix / "lib/sightline" / name).is_file(), name)
            self.assertTrue((docs / "libraries" / package).stat().st_size > 0, package)

    def test_the_list_of_packages_names_what_it_is_linked_with(self):
        program = self.prefix / "bin/sightline"
        needed = re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", program).stdout)
        docs = self.prefix / "share/doc/sightline"
        packages = dict(line.split()[:2] for line in (docs / "libraries.txt").read_text().splitlines())
        listed = set(re.findall(r"^(\S+)\s+run\s", (docs / "system-packages.txt").read_text(), re.M))
        self.assertGreater(len(needed), 10)
        for library in needed:
            if library in packages:
                self.assertIn(packages[library], listed | {"libgcc-s1", "libstdc++6"}, library)

    def test_completions_know_the_commands(self):
        script = self.prefix / "share/bash-completion/completions/sightline"

        def complete(*words):
            typed = " ".join(f"'{word}'" for word in words)
            return run("bash", "-c", f"source '{script}'; COMP_WORDS=(sightline {typed}); COMP_CWORD={len(words)}; "
                                     '_sightline; echo "${COMPREPLY[@]}"').stdout.strip()

        self.assertEqual(complete("bl"), "blur")
        self.assertEqual(complete("blur", "--revi"), "--review")
        self.assertEqual(complete("blur", "--scope", "th"), "thorough")

    def test_the_deb_depends_on_the_libraries_that_it_links(self):
        fields = run("dpkg-deb", "--field", self.deb, "Depends").stdout
        for library in ("libavcodec59", "libavformat59", "libjpeg62-turbo", "libpng16-16", "libwebp7"):
            self.assertIn(library, fields)
        self.assertNotIn("openvino", fields)

    def test_the_deb_carries_licences_and_models(self):
        names = run("dpkg-deb", "--contents", self.deb).stdout
        for name in ("usr/bin/sightline", "doc/sightline/copyright", "doc/sightline/LICENSE", "weights/centerface.onnx",
                     "models/centerface.toml", "doc/sightline/openvino/LICENSE"):
            self.assertIn(name, names)


if __name__ == "__main__":
    unittest.main()
