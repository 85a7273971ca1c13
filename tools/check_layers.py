#!/usr/bin/env python3
"""Every #include under src/ keeps to docs/layers.txt: which module may include which, and which module
wraps which third-party headers. What docs/layers.txt allows climbs no floor and goes in no circle, and each module of it is
declared in src/CMakeLists.txt, by whatever macro (cmake links what docs/layers.txt says)."""

import fnmatch
import re
from dataclasses import dataclass, field
from pathlib import Path

from checks import read, report, tree_files

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
MACRO = re.compile(r"^(?:function|macro)\(\s*(\w+)(.*?)^end(?:function|macro)\(\)", re.MULTILINE | re.DOTALL)
DECLARES = re.compile(r"\bsightline_module\(\s*(\S+)([^)]*)\)")

Modules = dict[str, set[str]]


@dataclass
class Layers:
    floors: list[set[str]] = field(default_factory=list)
    """Top folders of src/, bottom up."""
    modules: Modules = field(default_factory=dict)
    """What each may depend on."""
    wrapped: Modules = field(default_factory=dict)
    """By pattern of third-party headers: who may include them."""


def read_layers(text: str) -> Layers:
    layers = Layers()
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        if line.startswith("floors "):
            layers.floors = [set(floor.split()) for floor in line.removeprefix("floors ").split("<")]
            continue
        name, _, users = line.partition(":")
        if name.startswith("<"):
            layers.wrapped[name.strip("<> ")] = set(users.split())
        else:
            layers.modules[name.strip()] = set(users.split())
    for name, others in layers.modules.items():
        layers.modules[name] = {module for other in others for module in expand(other, layers.modules)}
    return layers


def expand(word: str, modules: Modules) -> set[str]:
    """cloud/* is every module below cloud/."""
    return {module for module in modules if module.startswith(word[:-1])} if word.endswith("/*") else {word}


def check_floors(layers: Layers) -> list[str]:
    """A module depends on lower floors and on its own top folder, never on a neighbour of the same floor."""
    floor_of = {folder: height for height, folders in enumerate(layers.floors) for folder in folders}
    findings = []
    for module, allowed in layers.modules.items():
        top = module.split("/")[0]
        if top not in floor_of:
            findings.append(f"docs/layers.txt: {module} stands on no floor")
            continue
        for other in allowed:
            below = other.split("/")[0]
            if other not in layers.modules:
                findings.append(f"docs/layers.txt: {module} depends on {other}, which is no module")
            elif below != top and floor_of.get(below, floor_of[top]) >= floor_of[top]:
                findings.append(f"docs/layers.txt: {module} climbs to {other}")
    return findings


def check_circles(modules: Modules) -> list[str]:
    findings = []
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> None:
        if module in path:
            circle = path[path.index(module):]
            findings.append(f"docs/layers.txt: a circle: {' -> '.join([*circle, module])}")
            return
        if module in done:
            return
        for other in sorted(modules.get(module, set())):
            walk(other, [*path, module])
        done.add(module)

    for module in sorted(modules):
        walk(module, [])
    return findings


def module_of(path: str, modules: Modules) -> str | None:
    folder = path.rpartition("/")[0]
    return folder if folder in modules else None


def check_file(path: Path, layers: Layers) -> list[str]:
    modules = layers.modules
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
        for pattern, owners in layers.wrapped.items():
            if fnmatch.fnmatchcase(header, pattern) and module not in owners:
                findings.append(f"{path}: <{header}> belongs behind {' or '.join(sorted(owners))}")
    return findings


def read_macros(cmake: str) -> dict[str, str]:
    """What declares a module: sightline_module, and what calls it; with what stands before the module's own name."""
    macros = {"sightline_module": ""}
    for name, body in MACRO.findall(cmake):
        for module, _ in DECLARES.findall(body):
            if name != "sightline_module":
                macros[name] = module.replace("${NAME}", "")
    return macros


def declared_modules(macros: dict[str, str], text: str) -> set[str]:
    return {prefix + module for name, prefix in macros.items()
            for module in re.findall(rf"^{name}\(\s*([^\s)]+)", text, re.MULTILINE)}


def check_declared(modules: Modules, declared: set[str]) -> list[str]:
    page = "src/CMakeLists.txt"
    findings = [f"{page}: {name} is no module of docs/layers.txt" for name in declared - modules.keys()]
    return findings + [f"docs/layers.txt: {page} declares no module {name}" for name in modules.keys() - declared]


def main() -> None:
    layers = read_layers(read(Path("docs/layers.txt")))
    macros = read_macros("".join(read(path) for path in tree_files(".cmake")))
    findings = check_floors(layers) + check_circles(layers.modules)
    findings += check_declared(layers.modules, declared_modules(macros, read(Path("src/CMakeLists.txt"))))
    for path in tree_files(".h", ".cpp"):
        if path.parts[0] == "src":
            findings += check_file(path, layers)
    report(findings, "includes against docs/layers.txt")


if __name__ == "__main__":
    main()
