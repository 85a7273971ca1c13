"""What the check_*.py scripts share: the files of the tree, and how findings are told."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def tree_files(*suffixes: str) -> list[Path]:
    """Files under version control or about to be, relative to the root; all of them without suffixes."""
    try:
        names = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT,
                               capture_output=True, check=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):  # not a checkout, or no git: everything but what is built
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")
                 if path.is_file() and path.relative_to(ROOT).parts[0] not in ("build", ".git", ".cache")]
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
