#!/usr/bin/env python3
"""C++ is laid out as clang-format 19 does with .clang-format; `clang-format-19 -i FILE` fixes a finding."""

import re
import shutil
import subprocess

from checks import ROOT, report, tree_files


def main() -> None:
    files = tree_files(".h", ".cpp")
    tool = shutil.which("clang-format-19")
    if tool is None:
        report(["clang-format-19 is missing: ./sightline setup --tests installs it"], "layout")
    done = subprocess.run([tool, "--dry-run", "-Werror", *map(str, files)], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    bad = {match for match in re.findall(r"^(\S+?):\d+:\d+: error:", done.stderr, re.MULTILINE)}
    if done.returncode != 0 and not bad:
        bad = {done.stderr.strip() or "clang-format-19 failed"}
    report((f"{name}: clang-format-19 -i {name}" if name.endswith((".h", ".cpp")) else name for name in bad),
           "layout")


if __name__ == "__main__":
    main()
