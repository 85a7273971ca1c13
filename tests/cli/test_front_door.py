"""./sightline itself: when it sets up and builds, when it does not, and what it says.

It runs in a made-up tree, with stand-ins for cmake, dpkg-query, apt-get, sudo and id that write down how
they were called.
"""

import os
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

STAND_INS = {
    "cmake": """#!/bin/sh
echo "cmake $*" >>"$CALLS"
case $1 in --build)
  mkdir -p "$2/bin"
  printf '#!/bin/sh\\nfor a; do printf "[%%s]" "$a"; done\\n' >"$2/bin/sightline"
  chmod +x "$2/bin/sightline"
  [ -z "${STEPS:-}" ] || for n in $(seq "$STEPS"); do echo "[$n/$STEPS] Building CXX object $n.o"; done ;;
esac
[ ! -e "$BROKEN" ] || { echo "error: expected ;"; exit 1; }
""",
    "dpkg-query": """#!/bin/sh
echo dpkg-query >>"$CALLS"
for p; do case $p in -*) ;; *) [ -e "$(dirname "$CALLS")/lacks-$p" ] || echo "installed $p" ;; esac; done
exit 1
""",
    "apt-get": """#!/bin/sh
echo "apt-get $*" >>"$CALLS"
echo "pmstatus:thing:50:halfway" >&3 || exit 9
echo "unpacking"
case "$*" in *install*) rm -f "$(dirname "$CALLS")"/lacks-* ;; esac
""",
    "sudo": """#!/bin/sh
echo "sudo" >>"$CALLS"
exec "$@"
""",
    # Every look at the clock is five seconds later.
    "date": """#!/bin/sh
echo tick >>"$(dirname "$CALLS")/clock"
echo $(($(wc -l <"$(dirname "$CALLS")/clock") * 5))
""",
    "id": """#!/bin/sh
case $1 in -un) echo ann ;; *) echo "${FAKE_UID:-1000}" ;; esac
""",
}


class FrontDoor(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.tree = self.folder / "tree"
        for name in ("src", "cmake", "models", "packaging"):
            (self.tree / name).mkdir(parents=True)
        shutil.copy(ROOT / "sightline", self.tree / "sightline")
        for name in ("src/main.cpp", "CMakeLists.txt", "CMakePresets.json"):
            (self.tree / name).write_text("")
        (self.tree / "packaging/system-packages.txt").write_text(
            "# comment\nlibrun1   run  why\ng++  build  why\nlibtest  test  why\n")
        (self.tree / "packaging/python-packages.txt").write_text("thing==1.0 --hash=sha256:00\n")
        (self.tree / "packaging/npm-packages.txt").write_text("@a/net@2.0 --hash=sha256:00\n")
        (self.tree / "packaging/test-packages.txt").write_text("tried==3.0 --hash=sha256:00\n@a/try.it@4.0 --hash=sha256:00\n")
        (self.tree / "packaging/fetch.py").write_text(
            "import os, sys\nopen(os.environ['CALLS'], 'a').write(' '.join(['fetch', *sys.argv[1:-1]]) + '\\n')\n"
            "os.makedirs(sys.argv[-1] + '/openvino/libs', exist_ok=True)\n")
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for name, text in STAND_INS.items():
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)
        self.calls = self.folder / "calls"
        self.broken = self.folder / "broken"

    def sightline(self, *arguments, program=None, **variables):
        environment = {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(self.folder / "home"),
                       "CALLS": str(self.calls), "BROKEN": str(self.broken), **variables}
        self.calls.write_text("")
        done = subprocess.run([str(program or self.tree / "sightline"), *arguments], env=environment,
                              capture_output=True, text=True, check=False, cwd=self.folder)
        self.made = self.calls.read_text().splitlines()
        return done

    def test_first_use_sets_up_builds_and_hands_over(self):
        done = self.sightline("blur", "my clip.mp4", "", "--style=a b")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "[blur][my clip.mp4][][--style=a b]")
        self.assertIn("fetch", self.made)
        self.assertTrue(any(call.startswith("cmake --build") for call in self.made), self.made)

    def test_the_first_use_says_how_far_the_build_is(self):
        done = self.sightline("demo", STEPS="40")
        self.assertEqual((done.returncode, done.stdout), (0, "[demo]"), done.stderr)
        told = [line for line in done.stderr.splitlines() if "steps" in line]
        # A step takes five seconds here: every third is told, a trustworthy time from half a minute on.
        self.assertEqual(len(told), 13, done.stderr)
        self.assertEqual(told[0], "sightline: 3 of 40 steps")
        self.assertEqual(told[1], "sightline: 6 of 40 steps, some 3 min left")
        self.assertEqual(told[-1], "sightline: 39 of 40 steps, some 1 min left")
        self.assertNotIn("Building CXX", done.stderr)
        self.assertIn("[40/40] Building CXX object 40.o", (self.tree / "build/build.log").read_text())

    def test_a_build_that_fails_midway_shows_its_end(self):
        self.broken.write_text("")
        done = self.sightline("demo", STEPS="40")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("error: expected ;", done.stderr)
        self.assertIn("the build failed", done.stderr)

    def test_later_uses_start_nothing(self):
        self.sightline("x")
        done = self.sightline("detect", "a.jpg")
        self.assertEqual((done.stdout, done.stderr, self.made), ("[detect][a.jpg]", "", []))

    def test_later_uses_start_at_once(self):
        self.sightline("x")
        took = []
        for _ in range(15):
            begin = time.monotonic()
            self.sightline("x")
            took.append(time.monotonic() - begin)
        self.assertLess(min(took), 0.05)

    def test_a_changed_added_or_removed_source_is_built(self):
        for change in (lambda: (self.tree / "src/main.cpp").write_text("new"),
                       lambda: (self.tree / "src/more.cpp").write_text("new"),
                       lambda: (self.tree / "src/more.cpp").unlink(),
                       lambda: (self.tree / "models/m.toml").write_text("new")):
            self.sightline("x")
            time.sleep(0.02)
            change()
            self.sightline("x")
            self.assertTrue(any(call.startswith("cmake --build") for call in self.made), self.made)
            self.sightline("x")
            self.assertEqual(self.made, [])

    def test_another_cache_folder_is_set_up(self):
        self.sightline("x")
        done = self.sightline("x", SIGHTLINE_CACHE=str(self.folder / "other"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("fetch", self.made)
        self.assertTrue((self.folder / "other/openvino/libs").is_dir())

    def test_works_through_a_symbolic_link(self):
        link = self.folder / "s"
        link.symlink_to(self.tree / "sightline")
        self.assertEqual(self.sightline("version", program=link).stdout, "[version]")

    def test_a_failed_build_shows_the_error_and_is_tried_again(self):
        self.broken.write_text("")
        done = self.sightline("x")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("error: expected ;", done.stderr)
        self.broken.unlink()
        self.assertEqual(self.sightline("x").stdout, "[x]")

    def test_installs_run_and_build_packages_through_sudo_saying_so(self):
        for name in ("librun1", "libtest"):
            (self.folder / f"lacks-{name}").write_text("")
        done = self.sightline("x")
        installs = [call for call in self.made if call.startswith("apt-get") and " install " in call]
        self.assertTrue(installs and all("librun1" in call and "libtest" not in call for call in installs), self.made)
        self.assertIn("sudo", self.made)
        self.assertIn("librun1", done.stderr)
        self.assertIn("sudo apt-get install", done.stderr)

    def test_as_root_sudo_is_not_asked(self):
        (self.folder / "lacks-librun1").write_text("")
        self.sightline("x", FAKE_UID="0")
        self.assertNotIn("sudo", self.made)
        self.assertTrue(any("install" in call for call in self.made))

    def test_neither_root_nor_sudo_names_the_command_to_run(self):
        (self.folder / "lacks-librun1").write_text("")
        tools = self.folder / "tools"
        tools.mkdir()
        for name in ("sh", "find", "sed", "grep", "mkdir", "flock", "uname", "dirname", "cat"):
            (tools / name).symlink_to(shutil.which(name))
        (self.bin / "sudo").unlink()
        done = self.sightline("x", PATH=f"{self.bin}:{tools}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("apt-get install --no-install-recommends librun1", done.stderr)

    def test_dry_run_changes_nothing_and_lists_it(self):
        (self.folder / "lacks-libtest").write_text("")
        done = self.sightline("setup", "--dry-run", "--tests")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("libtest", done.stdout)
        self.assertIn("thing 1.0", done.stdout)
        self.assertIn("@a/net 2.0 (from npm)", done.stdout)
        self.assertIn("tried 3.0 (from PyPI)", done.stdout)
        self.assertIn("@a/try.it 4.0 (from npm)", done.stdout)
        self.assertNotIn("tried", self.sightline("setup", "--dry-run").stdout)
        self.assertEqual([call for call in self.made if call != "dpkg-query"], [])
        self.assertFalse((self.folder / "home").exists())

    def test_setup_test_packages_only_when_asked(self):
        (self.folder / "lacks-libtest").write_text("")
        self.sightline("setup")
        self.assertFalse(any("install" in call for call in self.made))
        self.assertIn("fetch", self.made)
        self.sightline("setup", "--tests")
        self.assertTrue(any("libtest" in call for call in self.made))
        self.assertIn("fetch --tests", self.made)

    def test_wrong_usage_of_its_own_commands(self):
        for words in (["setup", "--what"], ["install"], ["install", "--prefix"], ["test", "--some"]):
            done = self.sightline(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn("./sightline setup", done.stderr)

    def test_a_failed_set_up_is_a_failed_test(self):
        self.broken.write_text("")
        done = self.sightline("test")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout.splitlines()[-1], "0 passed, 1 failed")


if __name__ == "__main__":
    unittest.main()
