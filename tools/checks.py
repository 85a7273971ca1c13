"""What the check_*.py scripts share: the files of the tree, and how findings are told."""

import fnmatch
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def is_ignored(path: Path, patterns: list[str]) -> bool:
    """Enough of .gitignore for this one: `/top/`, `folder/`, `*.suffix`, `name`."""
    for pattern in patterns:
        if pattern.startswith("/"):
            if fnmatch.fnmatchcase(path.parts[0], pattern.strip("/")):
                return True
        elif any(fnmatch.fnmatchcase(part, pattern.strip("/")) for part in path.parts):
            return True
    return False


def tree_files(*suffixes: str) -> list[Path]:
    """Files under version control or about to be, relative to the root; all of them without suffixes."""
    try:
        names = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT,
                               capture_output=True, check=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):  # not a checkout, or no git here
        ignored = [".git", *(line.strip() for line in read(Path(".gitignore")).splitlines() if line.strip())]
        every = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        names = [str(path) for path in every if not is_ignored(path, ignored)]
    return sorted(Path(name) for name in names
                  if name and (not suffixes or name.endswith(suffixes)) and (ROOT / name).is_file())


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def report(findings: Iterable[str], what: str) -> None:
    """Prints the findings and exits: 1 if there are any."""
    lines = sorted(findings)
    for line in lines:
        print(line)
    print(f"{what}: {'ok' if not lines else f'{len(lines)} found'}")
    sys.exit(1 if lines else 0)
