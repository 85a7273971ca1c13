#!/usr/bin/env python3
"""Shell scripts pass shellcheck; the package list and pins can be read as ./sightline reads them."""

import re
import shutil
import subprocess
from pathlib import Path

from checks import ROOT, read, report, tree_files


def shell_scripts() -> list[Path]:
    found = []
    for path in tree_files():
        with (ROOT / path).open("rb") as file:
            if re.match(rb"#!\s*/(?:usr/)?bin/(?:env )?(?:sh|bash|dash)\b", file.readline(80)):
                found.append(path)
    return found


def check_lists() -> list[str]:
    findings = []
    for line in read(Path("packaging/system-packages.txt")).splitlines():
        if line and not line.startswith("#") and not re.match(r"[a-z0-9.+-]+\s+(run|build|test)\s+\S", line):
            findings.append(f"packaging/system-packages.txt: package, use, why expected: {line}")
    of_pypi = r"[a-z0-9-]+==\S+ --hash=sha256:[0-9a-f]{64}( # source archive)?"
    of_npm = r"(@[a-z0-9-]+/)?[a-z0-9.-]+@\S+ --hash=sha256:[0-9a-f]{64}"
    for name, pin in (("python", of_pypi), ("npm", of_npm), ("test", f"{of_pypi}|{of_npm}")):
        for line in read(Path(f"packaging/{name}-packages.txt")).splitlines():
            if line and not line.startswith("#") and not re.fullmatch(pin, line):
                findings.append(f"packaging/{name}-packages.txt: a name, its version and --hash=sha256:... expected: {line}")
    return findings


def main() -> None:
    findings = check_lists()
    if shutil.which("shellcheck") is None:
        findings.append("shellcheck is missing: ./sightline setup --tests installs it")
    else:
        done = subprocess.run(["shellcheck", "--format=gcc", *map(str, shell_scripts())], cwd=ROOT,
                              capture_output=True, text=True, check=False)
        findings += done.stdout.splitlines() + done.stderr.splitlines()
    report(findings, "scripts")


if __name__ == "__main__":
    main()
