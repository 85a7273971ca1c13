#!/usr/bin/env python3
"""No source over 800 lines, no test over 1,000. Those past the aims (header 150, source 300) are listed."""

from pathlib import Path

from checks import read, report, tree_files

CODE = (".h", ".cpp", ".py", ".sh", ".cmake", "CMakeLists.txt", "sightline", "clean-room")


def is_test(path: Path) -> bool:
    return path.stem.endswith("_test") or path.parts[0] == "tests"


def main() -> None:
    findings, long = [], []
    for path in tree_files(*CODE):
        if path.suffix == ".md":
            continue
        lines = read(path).count("\n")
        cap = 1000 if is_test(path) else 800
        aim = 150 if path.suffix == ".h" else 300
        if lines > cap:
            findings.append(f"{path}: {lines} lines; {cap} is the cap: split it by topic")
        elif lines > aim and not is_test(path):
            long.append(f"{path}: {lines} lines (aim: {aim})")
    for line in long:
        print(line)
    report(findings, "files over the size caps")


if __name__ == "__main__":
    main()
