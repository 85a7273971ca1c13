#!/usr/bin/env python3
"""Every #include under src/ keeps to docs/layers.txt: which module may include which, and which module
wraps which third-party headers. src/CMakeLists.txt may link no more than that either."""

import fnmatch
import re
from pathlib import Path

from checks import read, report, tree_files

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
LINKED = re.compile(r"sightline_module\(\s*(\S+)([^)]*)\)")


def read_layers() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    modules: dict[str, set[str]] = {}
    wrapped: dict[str, set[str]] = {}
    for line in read(Path("docs/layers.txt")).splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, _, users = line.partition(":")
        if name.startswith("<"):
            wrapped[name.strip("<> ")] = set(users.split())
        else:
            modules[name.strip()] = set(users.split())
    return modules, wrapped


def module_of(path: str, modules: dict[str, set[str]]) -> str | None:
    folder = path.rpartition("/")[0]
    return folder if folder in modules else None


def check_file(path: Path, modules: dict[str, set[str]], wrapped: dict[str, set[str]]) -> list[str]:
    module = module_of(str(path.relative_to("src")), modules)
    if module is None:
        return [f"{path}: its folder is no module of docs/layers.txt"]
    findings = []
    for kind, header in INCLUDE.findall(read(path)):
        if kind == '"':
            target = module_of(header, modules)
            if target is None:
                findings.append(f'{path}: "{header}" is in no module of docs/layers.txt')
            elif target != module and target not in modules[module]:
                findings.append(f"{path}: {module} may not include {target} ({header})")
            continue
        for pattern, owners in wrapped.items():
            if fnmatch.fnmatchcase(header, pattern) and module not in owners:
                findings.append(f"{path}: <{header}> belongs behind {' or '.join(sorted(owners))}")
    return findings


def check_links(modules: dict[str, set[str]]) -> list[str]:
    findings = []
    for name, body in LINKED.findall(read(Path("src/CMakeLists.txt"))):
        depends = re.search(r"DEPENDS((?:\s+[a-z0-9_/]+)+)", body)
        linked = set(depends[1].split()) if depends else set()
        for extra in linked - modules.get(name, set()):
            findings.append(f"src/CMakeLists.txt: {name} links {extra}, which docs/layers.txt does not allow")
    return findings


def main() -> None:
    modules, wrapped = read_layers()
    findings = check_links(modules)
    for path in tree_files(".h", ".cpp"):
        if path.parts[0] == "src":
            findings += check_file(path, modules, wrapped)
    report(findings, "includes against docs/layers.txt")


if __name__ == "__main__":
    main()
