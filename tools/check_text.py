#!/usr/bin/env python3
"""What no committed file may hold: paths of one machine, conflict markers, notes to self, keys, binaries."""

import re
from pathlib import Path

from checks import ROOT, report, tree_files

MAX_BINARY = 600_000
FORBIDDEN = [
    (re.compile(r"(?<![\w$.}])/(?:root|work|home/(?!ann\b)\w+)/\w"), "a path of one machine"),
    (re.compile(r"^(?:<{7} |>{7} |={7}$)", re.MULTILINE), "a conflict marker"),
    (re.compile(r"\b(?:TODO|FIXME|XXX)\b"), "a note to self: do it, or put it into docs/roadmap.md"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "a private key"),
    (re.compile(r"[ \t]+$", re.MULTILINE), "white space at the end of a line"),
    (re.compile(r"\r"), "a carriage return"),
]
# Written by others, word for word.
VERBATIM = {Path("LICENSE")}
SELF = Path("tools/check_text.py")


def check(path: Path) -> list[str]:
    data = (ROOT / path).read_bytes()
    if b"\0" in data:
        return [f"{path}: {len(data)} bytes; {MAX_BINARY} is the cap"] if len(data) > MAX_BINARY else []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [f"{path}: not UTF-8"]
    findings = []
    for pattern, what in FORBIDDEN:
        for match in pattern.finditer(text):
            findings.append(f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {what}")
    return findings


def main() -> None:
    findings = []
    for path in tree_files():
        if path not in VERBATIM and path != SELF and "seeds" not in path.parts:
            findings += check(path)
    report(findings, "text that does not belong here")


if __name__ == "__main__":
    main()
