#!/usr/bin/env python3
"""clang-tidy 19 over Sightline's own sources, as .clang-tidy says; a part of `./sightline test --all`.

    cmake --preset tidy && cmake --build build/tidy --target wire && tools/run_tidy.py [FILE...]

Without files: every source that the tidy preset compiles. A finding is one line, told once however many
sources include the header that it stands in. A source without findings is left out of later runs while it,
the headers of the tree that it includes, its compile command, .clang-tidy and clang-tidy are the same:
a run that was stopped goes on where it was. (After an upgrade of a third-party library, remove build/tidy.)
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from checks import ROOT, report

BUILD = ROOT / "build" / "tidy"
PASSED = BUILD / "passed"
TOOL = "clang-tidy-19"
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
FINDING = re.compile(r"^(\S+?:\d+:\d+): (?:error|warning): (.*)$")


def sources() -> dict[Path, str]:
    """The tree's own sources with their compile commands; a source of several targets counts once."""
    try:
        entries = json.loads((BUILD / "compile_commands.json").read_text())
    except OSError as error:
        sys.exit(f"{error.filename}: cannot be read; run `cmake --preset tidy` first")
    found = {Path(entry["file"]): entry["command"] for entry in entries}
    return {path: command for path, command in sorted(found.items()) if BUILD not in path.parents}


def with_headers(source: Path) -> list[Path]:
    """The source and every header of the tree that it includes, directly or not."""
    seen = [source]
    for path in seen:
        for name in INCLUDE.findall(path.read_bytes()):
            places = (ROOT / "src" / name.decode(), ROOT / name.decode(), path.parent / name.decode())
            header = next((place for place in places if place.is_file()), None)
            if header and header not in seen:
                seen.append(header)
    return seen


def fingerprint(source: Path, *settings: str) -> str:
    digest = hashlib.sha256("".join(f"{setting}\n" for setting in settings).encode())
    for path in [ROOT / ".clang-tidy", *with_headers(source)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def check(source: Path, command: str, version: str) -> list[str]:
    """The findings of one source, each on one line; a source without any leaves a stamp."""
    may_copy = source.stem.endswith("_test") or ROOT / "bench" in source.parents
    spared = ["--checks=-performance-*"] if may_copy else []
    stamp = PASSED / fingerprint(source, version, command, *spared)
    if stamp.exists():
        return []
    done = subprocess.run([TOOL, "--quiet", *spared, "-p", BUILD, source], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    findings = [f"{match[1].removeprefix(f'{ROOT}/')}: {match[2].replace(',-warnings-as-errors', '')}"
                for match in map(FINDING.match, done.stdout.splitlines()) if match]
    if done.returncode != 0 and not findings:
        findings = [f"{source.relative_to(ROOT)}: {TOOL} ended with {done.returncode}: {line}"
                    for line in (done.stderr.strip().splitlines() or ["no message"])[-3:]]
    if not findings:
        stamp.touch()
    return findings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    wanted = {path.resolve() for path in parser.parse_args().files}
    known = sources()
    for path in wanted - known.keys():
        sys.exit(f"{path}: the tidy preset does not compile it")
    version = subprocess.run([TOOL, "--version"], capture_output=True, check=True, text=True).stdout
    PASSED.mkdir(exist_ok=True)
    findings: set[str] = set()
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        runs = {pool.submit(check, path, known[path], version): path for path in sorted(wanted) or known}
        try:
            for number, done in enumerate(as_completed(runs), 1):
                print(f"[{number}/{len(runs)}] {runs[done].relative_to(ROOT)}: {len(done.result())} found", file=sys.stderr)
                findings.update(done.result())
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            findings.add("interrupted: not every source was looked at")
    report(findings, "clang-tidy")


if __name__ == "__main__":
    main()
