#!/usr/bin/env python3
"""No function of an anonymous namespace has a namesake in another source of its module. The sources of a module are
compiled in batches, where the two would overload each other and a call could silently reach the wrong one; so would those
of its tests."""

import re
from collections import defaultdict
from pathlib import Path

from checks import read, report, tree_files

# As clang-format leaves it: what stands in a namespace begins its line, and what goes on does not.
BEGIN = re.compile(r"^namespace \{$")
END = re.compile(r"^\}  // namespace$")
FUNCTION = re.compile(r"^(?![\s#}]|//|using |struct |class |enum |union |namespace |typedef |return |TEST|INSTANTIATE_)"
                      r"(?:\[\[\w+\]\] )?[\w:<>,&*\s]*?[\w>&*]\s+[&*]*(\w+)\(")
# Told apart by what they take, and by nothing that turns into it. No more of them: a new one gets a name of its own.
OVERLOADS = {
    "src/app/cli": {"fill", "folder_of", "number", "options_of", "run"},
    "src/app/server": {"plain"},
    "src/sight/anonymize": {"write"},
    "src/sight/faces": {"expect_pose", "moved", "placement_of"},
    "src/sight/jobs": {"face"},
    "src/sight/media": {"add_row", "chunk_of", "collect_metadata", "contains", "is_mp4", "reduced", "samples_space"},
}
# Compiled by themselves: with instructions of their own.
ALONE = {"scan_avx2", "scan_avx512"}
VALUE = re.compile(r"^[^(]*[={]")


def functions(text: str) -> set[str]:
    """Names of the functions in the anonymous namespaces of a source."""
    names = set()
    inside = False
    for line in text.splitlines():
        if BEGIN.match(line):
            inside = True
        elif END.match(line):
            inside = False
        elif inside and not VALUE.match(line) and (found := FUNCTION.match(line)):
            names.add(found[1])
    return names


def main() -> None:
    sources: dict[tuple[Path, bool, str], list[Path]] = defaultdict(list)
    for path in tree_files(".cpp"):
        if path.parts[0] == "src" and not path.stem.endswith("_fuzz") and path.stem not in ALONE | {"main"}:
            for name in functions(read(path)):
                sources[path.parent, path.stem.endswith("_test"), name].append(path)
    report((f"{name}() is in {' and in '.join(map(str, paths))}: name one for what it does differently"
            for (folder, _, name), paths in sources.items()
            if len(paths) > 1 and name not in OVERLOADS.get(str(folder), set())), "functions with a namesake in their module")


if __name__ == "__main__":
    main()
