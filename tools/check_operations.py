#!/usr/bin/env python3
"""docs/operations.md lists what every src/aws/*/operations.txt lists. The first line of each is "# NAME; PROTOCOLS; PAGE": the
service, how it is asked, and the page on an operation, with {} for its name. With --write the list is made anew;
what is written by hand stands below it, from HAND on."""

import re
import sys
from pathlib import Path

from checks import ROOT, read, report

PAGE = Path("docs/operations.md")
TITLE = re.compile(r"# (?P<name>[^;]+); (?P<protocol>[^;]+); (?P<reference>\S+)")
HAND = "\n## Slow and many clients\n"
HEAD = """# Operations
What `sightline serve` carries out, by service. Any other operation of these services is answered with the protocol's own
error for an unsupported operation, and counted in `/metrics`. What is left out of an operation is in the notes of
[roadmap.md](roadmap.md).

The lists are made by `tools/check_operations.py --write` from `src/aws/*/operations.txt`, which the build reads too: an operation that is
listed and has no handler keeps the server from starting. The permissions are IAM's actions and ARNs; `{Member}` is a member of the
request, or the ARN of what it names; a row with a `?` counts only where the member is given. How they are written:
`tools/wire/generate.py`.
"""


def needed(words: str) -> str:
    """A row's permissions for a reader: as tools/wire/generate.py reads them."""
    if words == "none":
        return "nothing"
    if words.startswith(("by-function", "by-handler")):
        return ", ".join(f"`{action}`" for action in words.split()[1:]) + " on what the request names"
    rows = re.sub(r"\|\w+}", "}", words).split(",")
    return "; ".join("`{}` on `{}`".format(*row.split()[:2]) for row in rows)


def page() -> str:
    text = HEAD
    for folder in sorted((ROOT / "src/aws").glob("*/operations.txt")):
        lines = folder.read_text(encoding="utf-8").splitlines()
        title = TITLE.fullmatch(lines[0])
        if title is None:
            raise SystemExit(f"{folder}: its first line is not '# NAME; PROTOCOLS; PAGE, with {{}} for an operation'")
        name, protocol, reference = title.groups()
        rows = [line.split("#")[0].split(None, 1) for line in lines]
        rows = [row for row in rows if row]
        text += f"\n## {name}\n{protocol}; {len(rows)} operations.\n\n| Operation | What a caller must be allowed |\n|---|---|\n"
        text += "".join(f"| [{row[0]}]({reference.format(row[0])}) | {needed(row[1])} |\n" for row in sorted(rows))
    return text


def main() -> None:
    made, mark, by_hand = read(PAGE).partition(HAND)
    if "--write" in sys.argv[1:]:
        made = page()
        (ROOT / PAGE).write_text(made + mark + by_hand, encoding="utf-8")
    missing = [] if made == page() else [
        f"{PAGE}: is not what the lists say; run tools/check_operations.py --write"]
    report(missing, "operations")


if __name__ == "__main__":
    main()
