#!/usr/bin/env python3
"""Writes the C++ of AWS's managed policies that are built in (src/cloud/policy/managed_policies.h).

Reads them as moto carries them, a Python source with one text of JSON that AWS's API answered with, which is read and not run,
and the names of those that are wanted, one a line.

usage: managed.py --data FILE --names FILE --out FILE
  FILE is written when its content changed.
"""
import argparse
import ast
import json
import sys
from pathlib import Path

ORDER = ("Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
         "NotResource", "Condition")
DELIMITER = "policy"
HEAD = """// Written by tools/policies/managed.py; do not edit.
#include "cloud/policy/managed_policies.h"

#pragma GCC diagnostic ignored "-Woverlength-strings"

namespace sightline::policy {
namespace {

constexpr ManagedPolicy kPolicies[] = {
"""
TAIL = """};

}  // namespace

std::span<const ManagedPolicy> managed_policies() { return kPolicies; }

}  // namespace sightline::policy
"""


def read_data(path: Path) -> dict:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "aws_managed_policies_data":
            return json.loads(ast.literal_eval(node.value))
    sys.exit(f"{path}: no aws_managed_policies_data in it")


def ordered(document: dict) -> dict:
    """A document in the order in which AWS writes it."""
    def members(one: dict) -> dict:
        return {name: one[name] for name in sorted(one, key=ORDER.index)}
    statements = document["Statement"]
    statements = [members(one) for one in statements] if isinstance(statements, list) else members(statements)
    return members(document | {"Statement": statements})


def text(value: str) -> str:
    if f'){DELIMITER}"' in value:
        sys.exit(f"a document holds the delimiter of a raw string: {value[:80]}")
    return f'R"{DELIMITER}({value}){DELIMITER}"'


def row(name: str, policy: dict) -> str:
    fields = [name, policy["Path"], policy["DefaultVersionId"],
              *(policy[date].replace("+00:00", "Z") for date in ("CreateDate", "UpdateDate"))]
    document = json.dumps(ordered(policy["Document"]), separators=(",", ":"), ensure_ascii=False)
    return f'    {{{", ".join(json.dumps(one) for one in fields)},\n     {text(document)}}},\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "names", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    arguments = parser.parse_args()
    data = read_data(arguments.data)
    lines = (line.strip() for line in arguments.names.read_text(encoding="utf-8").splitlines())
    names = sorted(line for line in lines if line and not line.startswith("#"))
    for name in names:
        if name not in data or names.count(name) > 1:
            sys.exit(f"{arguments.names}: {name} is there twice, or AWS has no such policy")
    source = HEAD + "".join(row(name, data[name]) for name in names) + TAIL
    if not arguments.out.exists() or arguments.out.read_text(encoding="utf-8") != source:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(source, encoding="utf-8")


if __name__ == "__main__":
    main()
