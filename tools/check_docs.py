#!/usr/bin/env python3
"""The documents are true to the tree: relative links and their anchors resolve, `src/...` paths in
backticks exist, docs/architecture.md names every module, and every page of figures is linked from
docs/benchmarks.md and gives its command and a table."""

import re
from pathlib import Path

from checks import ROOT, read, report, tree_files

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"`((?:src|tools|docs|cmake|packaging|models|tests|bench)/[\w./-]+)`")


def anchors(path: Path) -> set[str]:
    """The fragment names that a forge gives to headings."""
    found = set()
    for heading in re.findall(r"^#+\s+(.*)$", FENCE.sub("", read(path)), re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        found.add(plain.replace(" ", "-"))
    return found


def check_links(page: Path) -> list[str]:
    findings = []
    text = FENCE.sub("", read(page))
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = target.partition("#")
        place = page if not name else Path((ROOT / page.parent / name).resolve())
        if name and not place.exists():
            findings.append(f"{page}: the link to {target} leads nowhere")
        elif fragment and str(place).endswith(".md") and fragment not in anchors(place):
            findings.append(f"{page}: {target} names no heading there")
    for name in PATH.findall(text):
        if not (ROOT / name).exists():
            findings.append(f"{page}: `{name}` does not exist")
    return findings


def check_modules() -> list[str]:
    page = Path("docs/architecture.md")
    if not (ROOT / page).exists():
        return ["docs/architecture.md is missing"]
    text = read(page)
    names = re.findall(r"^([a-z_/]+):", read(Path("docs/layers.txt")), re.MULTILINE)
    return [f"{page}: does not name the module `{name}`" for name in names if not re.search(rf"(?<![\w/]){name}(?![\w])", text)]


def check_figures() -> list[str]:
    index = Path("docs/benchmarks.md")
    pages = [path for path in tree_files(".md") if str(path).startswith("docs/benchmarks/")]
    if not (ROOT / index).exists():
        return ["docs/benchmarks.md is missing"]
    findings = []
    text = read(index)
    for page in pages:
        if f"benchmarks/{page.name}" not in text:
            findings.append(f"{index}: does not link {page}")
        body = read(page)
        if "|--" not in body.replace(" ", "").replace(":", ""):
            findings.append(f"{page}: holds no table of figures")
        if not re.search(r"\b(?:bench[/_]|bin/fuzz_)\w+", body):
            findings.append(f"{page}: does not give the command that measures")
    return findings


def main() -> None:
    findings = check_modules() + check_figures()
    for page in tree_files(".md"):
        findings += check_links(page)
    report(findings, "documents against the tree")


if __name__ == "__main__":
    main()
