#!/usr/bin/env python3
"""docs/adding-a-service.md is true: every service under src/aws stands in the files that its numbered list names, four at
most, and in no other file of the sources, the build and the tools but those that a new service brings along."""

import re
from pathlib import Path

from checks import ROOT, read, report, tree_files

PAGE = Path("docs/adding-a-service.md")
MOST = 4
MODELS = "packaging/contents.txt"
LISTED = re.compile(r"^\d+\. `([^`]+)`", re.MULTILINE)
BROUGHT = ("src/app/server/assembly/", "src/app/server/adapters/")
PROSE = ("docs/", "tests/", "bench/")


def is_elsewhere(path: Path, service: str) -> bool:
    """Whether the file is none that a new service brings along, and not about it: a document, a test."""
    name = str(path)
    own = name.startswith((f"src/aws/{service}/", *BROUGHT))
    return not own and not name.startswith(PROSE) and not re.search(r"_(test|fuzz)\.cpp$|_test\w*\.h$|\.md$", name)


def check(listed: list[str], texts: dict[Path, str], services: list[str]) -> list[str]:
    findings = []
    if not listed or len(listed) > MOST:
        findings.append(f"{PAGE}: names {len(listed)} files to edit, of {MOST} at most")
    for service in services:
        named = re.compile(rf"\baws/{service}\b|\bdata/{service}/|\bsightline_aws_service\({service}\b")
        found = {str(path) for path, text in texts.items() if named.search(text)}
        own_model = {MODELS} if (ROOT / f"src/aws/{service}/model.json").exists() else set()
        for missing in sorted(set(listed) - found - own_model):
            findings.append(f"{PAGE}: has {missing} edited, which does not name {service}")
        for path in sorted(found - set(listed)):
            if is_elsewhere(Path(path), service):
                findings.append(f"{path}: names {service}, and {PAGE} does not have it edited")
    return findings


def main() -> None:
    services = sorted(path.parent.name for path in (ROOT / "src/aws").glob("*/operations.txt"))
    texts = {path: read(path) for path in tree_files(".h", ".cpp", ".txt", ".cmake", ".py", ".json", ".md", "sightline")
             if path != Path("tools/check_service.py")}
    report(check(LISTED.findall(read(PAGE)), texts, services), "services against docs/adding-a-service.md")


if __name__ == "__main__":
    main()
