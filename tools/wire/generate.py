#!/usr/bin/env python3
"""Writes the C++ of one AWS service's wire from its model: structs, errors and descriptor tables.

Reads the service model as botocore carries it (service-2.json, gzipped or not), the names of the operations
that are wanted, one a line, and an overlay: a JSON file merged into the model for what AWS enforces but the
model does not say. Under "query" an overlay may hold a second one, for the same service as the query protocol
speaks it: its clients of older days ask in forms, with names of their own. It gets a second set of tables over the
same structs. Writes a header of structs and a source of tables that the codecs of src/aws/wire walk
(src/aws/wire/model.h says what they hold). Every operation of the service gets a route, so that one which is
not wanted is told from one that does not exist; only wanted ones get structs.

A line of the list is a name and what a caller must be allowed:

  NAME none                                       nothing: the service asks for no permission
  NAME ACTION RESOURCE [KEY=TEMPLATE]... [, ACTION RESOURCE ...]
  NAME by-function ACTION...                      a function registered beside the handler says which resources
  NAME by-handler ACTION...                       the handler asks itself, for each of what a request names

RESOURCE and TEMPLATE may hold {Member}, a member of the request (a dot goes into a structure), {region} and {account}.
{Member?}: the row counts only where the member is given; without the question mark it must be a required one.
{Member|name}: a resolver of that name, registered beside the handlers, makes ARNs of the value (src/aws/dispatch/permission.h).
KEY is a condition key of a policy, such as s3:prefix. An operation that takes a role's ARN needs a row for iam:PassRole.

Under "traits" an overlay may list what sets the service apart from others of its protocol (wire::Traits), and under
"metadata" give "throttling", the name of its own error for a server with too much to do. An exception with "carried": true
in its shape gets a struct of its members, and a function (complex_error) that makes an error which carries them.

usage: generate.py --model FILE --operations FILE [--overlay FILE] [--service NAME] --namespace NAME --include PATH --out DIR
  The service is called NAMESPACE where its own name (cognito-idp) is none of a namespace. PATH is how the header is
  included; DIR/PATH and its .cpp are written when their content changed.
"""

import argparse
import gzip
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

KEYWORDS = {"and", "auto", "bool", "break", "case", "class", "concept", "const", "continue", "default", "delete", "do",
            "double", "else", "enum", "explicit", "export", "extern", "float", "for", "friend", "goto", "if", "inline",
            "int", "long", "mutable", "namespace", "new", "not", "operator", "or", "private", "protected", "public",
            "register", "requires", "return", "short", "signed", "static", "struct", "switch", "template", "this",
            "throw", "true", "false", "try", "typedef", "union", "unsigned", "using", "virtual", "void", "while", "xor"}
SCALARS = {"string": "std::string", "boolean": "bool", "integer": "std::int32_t", "long": "std::int64_t",
           "float": "float", "double": "double", "timestamp": "wire::Timestamp", "blob": "Bytes"}
SHAPE_TYPES = {"boolean": "boolean", "integer": "int32", "long": "int64", "float": "float32", "double": "float64"}
LOCATIONS = {"header": "header", "headers": "headers", "uri": "uri", "querystring": "query", "statusCode": "status"}
TIMESTAMPS = {"unixTimestamp": "unix_seconds", "iso8601": "iso8601", "rfc822": "http_date"}
PROTOCOLS = {"json": "json", "query": "query", "rest-json": "rest_json", "rest-xml": "rest_xml"}
TRAITS = ("bucket_in_host", "payload_in_head", "path_as_is", "links", "s3_answers", "anonymous")  # in the order of wire::Traits


class Failure(Exception):
    """What is wrong with the model, the list or the overlay, in one line."""


def snake(name: str) -> str:
    """ETag, S3Object, MD5OfBody -> etag, s3_object, md5_of_body."""
    name = re.sub(r"^ETag", "Etag", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    name = re.sub(r"[^A-Za-z0-9]", "_", name).lower()
    return name + "_" if name in KEYWORDS else name


def camel(name: str) -> str:
    return name[0].upper() + name[1:]


def quote(text: str) -> str:
    escaped = "".join(c if 32 <= ord(c) < 127 and c not in '"\\' else
                      "\\" + c if c in '"\\' else "".join(f"\\{b:03o}" for b in c.encode()) for c in text)
    return f'"{escaped}"'


def merge(base: dict, extra: dict) -> dict:
    merged = dict(base)
    for key, value in extra.items():
        old = merged.get(key)
        merged[key] = merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def read_json(path: Path) -> dict:
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)


@dataclass
class Permission:
    """One row of what an operation needs: an action on a resource."""
    action: str
    resource: str = ""  # "" where a function or the handler says it
    conditions: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Wanted:
    """One line of the list."""
    permissions: list[Permission]
    by: str = "table"  # or "function", "handler"


HOLE = re.compile(r"{([A-Za-z][\w.]*\??(?:\|\w+)?)}")
ACTION = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]*")


def read_permissions(words: list[str]) -> Wanted:
    if words == ["none"]:
        return Wanted([])
    if words[0] in ("by-function", "by-handler"):
        wanted = Wanted([Permission(word) for word in words[1:]], words[0].removeprefix("by-"))
    else:
        wanted = Wanted([])
        for part in " ".join(words).replace(" ,", ",").split(","):
            row = part.split()
            if len(row) < 2:
                raise Failure("an action needs a resource")
            conditions = [tuple(word.split("=", 1)) for word in row[2:]]
            if any(len(pair) != 2 for pair in conditions):
                raise Failure(f"{part.strip()}: after the resource come KEY=TEMPLATE pairs")
            wanted.permissions.append(Permission(row[0], row[1], conditions))
    if not wanted.permissions:
        raise Failure("no action")
    for permission in wanted.permissions:
        if not ACTION.fullmatch(permission.action):
            raise Failure(f"{permission.action} is no action")
    return wanted


def read_operations(path: Path) -> dict[str, Wanted]:
    lines = (line.split("#")[0].split() for line in path.read_text().splitlines())
    rows = [words for words in lines if words]
    names = [words[0] for words in rows]
    if names != sorted(set(names)):
        raise Failure(f"{path}: one operation a line, sorted, none twice")
    wanted = {}
    for name, *words in rows:
        if not words:
            raise Failure(f"{path}: {name} says nothing of what a caller must be allowed")
        try:
            wanted[name] = read_permissions(words)
        except Failure as failure:
            raise Failure(f"{path}: {name}: {failure}") from None
    return wanted


class Model:
    """A service's model, reduced to what the wanted operations reach."""

    def __init__(self, model: dict, wanted: dict[str, Wanted]):
        self.metadata = model["metadata"]
        self.operations = model["operations"]
        self.shapes = model["shapes"]
        self.traits = model.get("traits", [])
        if unknown := sorted(set(self.traits) - set(TRAITS)):
            raise Failure(f"no service has the trait {', '.join(unknown)}")
        if self.metadata["protocol"] not in PROTOCOLS:
            raise Failure(f"protocol {self.metadata['protocol']}: no codec speaks it")
        unknown = [name for name in wanted if name not in self.operations]
        if unknown:
            raise Failure(f"the model has no operation {', '.join(unknown)}")
        self.wanted = wanted
        self.rest = self.metadata["protocol"].startswith("rest")
        # Whose members may stand outside of the body: the protocols without REST look at none of that.
        self.requests, self.responses = ({operation[side]["shape"] for operation in self.operations.values() if side in operation}
                                         if self.rest else set() for side in ("input", "output"))
        self.order: list[str] = []  # shapes that are reached; a structure comes after what it contains
        self.boxed: set[tuple[str, str]] = set()  # members that would make a structure contain itself
        for name, line in wanted.items():
            self.check_permissions(name, line)
        # Of the whole service: handlers give errors that the model lists for another operation, or for none.
        self.errors = {name: shape for name, shape in self.shapes.items() if shape.get("exception")}
        for name in wanted:
            operation = self.operations[name]
            for side in ("input", "output"):
                if side in operation:
                    self.visit(operation[side]["shape"], [])
                    self.check_message(name, operation[side]["shape"])
        self.carried = sorted(name for name, shape in self.errors.items() if shape.get("carried"))
        self.responses |= set(self.carried) if self.rest else set()
        for name in self.carried:
            self.visit(name, [])

    def check_message(self, operation: str, name: str) -> None:
        """What no codec can carry."""
        shape = self.shapes[name]
        for member, ref in shape.get("members", {}).items():
            streams, kind = self.is_streaming(ref), self.shapes[ref["shape"]]["type"]
            if streams and not self.rest:
                raise Failure(f"{operation} streams {member}, which the {self.metadata['protocol']} protocol cannot")
            if streams and shape.get("payload") != member:
                raise Failure(f"{operation} streams {member}, which is not its whole body")
            if self.rest and shape.get("payload") == member and kind in ("list", "map"):
                raise Failure(f"{operation}: {member} is a whole body, and a {kind}")

    def input_of(self, name: str) -> dict:
        ref = self.operations[name].get("input")
        return self.shapes[ref["shape"]] if ref else {}

    def check_permissions(self, name: str, line: Wanted) -> None:
        for permission in line.permissions:
            for is_condition, text in [(False, permission.resource), *((True, text) for _, text in permission.conditions)]:
                if re.search("[{}]", HOLE.sub("", text)):
                    raise Failure(f"{name}: {text}: a hole is {{Member}}, {{Member?}} or {{Member|resolver}}")
                for hole in HOLE.findall(text):
                    self.check_hole(name, hole, is_condition)
        if {"region", "account"} & set(self.input_of(name).get("members", {})):
            raise Failure(f"{name} has a member called as what {{region}} and {{account}} stand for")
        roles = self.role_members(self.input_of(name), ())
        if roles and not any(row.action in ("iam:PassRole", "sts:AssumeRole") for row in line.permissions):
            raise Failure(f"{name} takes a role ({', '.join(roles)}) and has no row for iam:PassRole")

    def check_hole(self, name: str, hole: str, is_condition: bool) -> None:
        if hole in ("region", "account"):
            return
        path, bar, resolver = hole.partition("|")
        optional = path.endswith("?")
        shape, required = self.input_of(name), True
        for step in path.removesuffix("?").split("."):
            if step not in shape.get("members", {}):
                raise Failure(f"{name}: {{{hole}}} is no member of its request")
            required = required and step in shape.get("required", [])
            shape = self.shapes[shape["members"][step]["shape"]]
        if shape["type"] in ("structure", "list", "map", "blob"):
            raise Failure(f"{name}: {{{hole}}} is no text or number")
        if not (required or optional or is_condition or (bar and resolver)):
            raise Failure(f"{name}: {{{hole}}} may be left out: say {{{path}?}} or name a resolver")

    def role_members(self, shape: dict, above: tuple) -> list[str]:
        """Members that name a role, whatever structure they stand in."""
        found = []
        for member, ref in shape.get("members", {}).items():
            inner = self.shapes[ref["shape"]]
            while inner["type"] in ("list", "map"):
                ref = inner["member" if inner["type"] == "list" else "value"]
                inner = self.shapes[ref["shape"]]
            if inner["type"] == "structure" and ref["shape"] not in above:
                found += [f"{member}.{deeper}" for deeper in self.role_members(inner, (*above, ref["shape"]))]
            elif inner["type"] == "string" and re.search(r"Role(Arn|ARN)?$|^roleArn$", member):
                found.append(member)
        return found

    def visit(self, name: str, above: list[str]) -> None:
        if name in self.order or name in above:
            return
        shape = self.shapes[name]
        if shape.get("eventstream") or shape.get("document"):
            raise Failure(f"shape {name}: event streams and documents are not supported")
        for member, ref in shape.get("members", {}).items():
            if self.contains(ref["shape"], name):
                self.boxed.add((name, member))
            self.visit(ref["shape"], [*above, name])
        for part in ("member", "key", "value"):
            if part in shape:
                self.visit(shape[part]["shape"], [*above, name])
        self.order.append(name)

    def contains(self, outer: str, inner: str, seen: frozenset = frozenset()) -> bool:
        """Whether a value of `outer` holds one of `inner` in itself, by structures alone."""
        if outer == inner:
            return True
        shape = self.shapes[outer]
        if shape["type"] != "structure" or outer in seen:
            return False
        return any(self.contains(ref["shape"], inner, seen | {outer}) for ref in shape["members"].values())

    def type_of(self, name: str) -> str:
        shape = self.shapes[name]
        if shape["type"] == "structure":
            return camel(name)
        if shape["type"] == "list":
            # A vector of booleans has no places that a table could point at.
            if self.shapes[shape["member"]["shape"]]["type"] == "boolean":
                return "std::deque<bool>"
            return f"std::vector<{self.type_of(shape['member']['shape'])}>"
        if shape["type"] == "map":
            if self.shapes[shape["key"]["shape"]]["type"] != "string":
                raise Failure(f"shape {name}: the keys of a map are strings")
            return f"std::map<std::string, {self.type_of(shape['value']['shape'])}>"
        return SCALARS[shape["type"]]

    def members(self, name: str) -> list[tuple[str, dict]]:
        """Members that stand in the struct: a streamed body passes beside it, as an exception's message does."""
        return [(member, ref) for member, ref in self.shapes[name].get("members", {}).items()
                if not self.is_streaming(ref) and not (self.shapes[name].get("exception") and member.lower() == "message")]

    def root_of(self, ref: dict) -> str:
        """The root element of a body that is XML."""
        return self.shapes[ref["shape"]].get("locationName") or ref.get("locationName") or ref["shape"]

    def is_streaming(self, ref: dict) -> bool:
        return bool(ref.get("streaming") or self.shapes[ref["shape"]].get("streaming"))

    def structures(self) -> list[str]:
        return [name for name in self.order if self.shapes[name]["type"] == "structure"]


# ---- header ----

def header(model: Model, namespace: str, origin: str) -> str:
    out = [f"// Made by tools/wire/generate.py from {origin}: do not edit.", "#pragma once", "",
           f'#include "aws/wire/{"service_error" if model.carried else "model"}.h"', "", f"namespace sightline::aws::{namespace} {{", ""]
    structures = model.structures()
    out += [f"struct {camel(name)};" for name in structures] + [""]
    for name in structures:
        out.append(f"struct {camel(name)} {{")
        for member, ref in model.members(name):
            holder = "wire::Box" if (name, member) in model.boxed else "std::optional"
            out.append(f"  {holder}<{model.type_of(ref['shape'])}> {snake(member)};")
        out += ["};", ""]
    for name in model.wanted:
        operation = model.operations[name]
        request = camel(operation["input"]["shape"]) if "input" in operation else "wire::Empty"
        response = camel(operation["output"]["shape"]) if "output" in operation else "wire::Empty"
        out += [f"struct {tag_of(model, name)} {{", f"  using Request = {request};", f"  using Response = {response};",
                "  static const wire::Operation operation;", "};"]
    out.append("")
    out += [f"extern const wire::Shape k{camel(name)}Members;" for name in model.carried]
    for name, shape in sorted(model.errors.items()):
        error = shape.get("error", {})
        status = error.get("httpStatusCode", 500 if shape.get("fault") else 400)
        sender = "sender" if error.get("senderFault", status < 500) else "receiver"
        out.append(f"inline constexpr wire::ErrorType k{camel(name)}{{{quote(name)}, "
                   f"{quote(error.get('code', name))}, {status}, wire::Fault::{sender}"
                   f"{f', &k{camel(name)}Members' if name in model.carried else ''}}};")
    for name in model.carried:
        out += [f"[[nodiscard]] inline wire::ServiceError {snake(name)}({camel(name)} members, std::string message) {{",
                f"  return wire::service_error(k{camel(name)}, std::move(message), std::move(members));", "}"]
    out += ["", "extern const wire::Service kService;", "", f"}}  // namespace sightline::aws::{namespace}", ""]
    return "\n".join(out)


# ---- tables ----

def fields(*pairs: tuple[str, object]) -> str:
    """Designated initialisers of what differs from the default."""
    return ", ".join(f".{name} = {value}" for name, value in pairs if value not in (None, False, ""))


def flag(value: object) -> str:
    return "true" if value else ""


def timestamp_format(ref: dict) -> str:
    name = ref.get("timestampFormat")
    return f"wire::TimestampFormat::{TIMESTAMPS[name]}" if name else ""


def member_row(model: Model, owner: str, name: str, ref: dict) -> str:
    structure, shape = model.shapes[owner], model.shapes[ref["shape"]]
    location = LOCATIONS.get(ref.get("location", "")) if owner in model.requests | model.responses else None
    if location in ("uri", "query") and owner not in model.requests:
        location = None  # a response has neither
    if owner in model.requests | model.responses and structure.get("payload") == name:
        location = "payload"
    flattened = shape["type"] in ("list", "map") and (ref.get("flattened") or shape.get("flattened"))
    wire_name = ref.get("locationName", name)
    if location == "payload" and shape["type"] == "structure" and wire_name == name:
        wire_name = shape.get("locationName", ref["shape"])  # of XML
    if flattened and model.metadata["protocol"] == "query" and "locationName" not in ref:
        wire_name = shape.get("member", {}).get("locationName", name)
    return "    {" + fields(
        ("name", quote(name)), ("wire_name", quote(wire_name)), ("shape", f"&Shapes::k{camel(ref['shape'])}"),
        ("location", f"wire::Location::{location}" if location else ""),
        ("required", flag(name in structure.get("required", []))), ("flattened", flag(flattened)),
        ("attribute", flag(ref.get("xmlAttribute"))),
        ("base64", flag(ref.get("jsonvalue") and location == "header")), ("timestamp", timestamp_format(ref)),
        ("slot", f"wire::slot<&{camel(owner)}::{snake(name)}>")) + "},"


def whole(shape: dict, name: str, key: str) -> str:
    value = shape.get(key)
    if value is not None and value != int(value):
        raise Failure(f"shape {name}: its {key} {value} is not a whole number")
    return "" if value is None else str(int(value))


def shape_rows(model: Model, name: str) -> list[str]:
    shape = model.shapes[name]
    kind, out = shape["type"], []
    members = model.members(name)
    if kind == "structure" and members:
        out.append(f"const wire::Member k{camel(name)}Members[] = {{")
        out += [member_row(model, name, member, ref) for member, ref in members] + ["};"]
    if shape.get("enum"):
        out.append(f"constexpr std::string_view k{camel(name)}Values[] = {{{', '.join(map(quote, shape['enum']))}}};")
    element = shape.get("member") or shape.get("value") or {}
    xml = shape.get("xmlNamespace", {})
    row = "{" + fields(
        ("type", f"wire::ShapeType::{SHAPE_TYPES.get(kind, kind)}"), ("name", quote(name)),
        ("sensitive", flag(shape.get("sensitive"))),
        ("min", whole(shape, name, "min")), ("max", whole(shape, name, "max")),
        ("pattern", quote(shape["pattern"]) if shape.get("pattern") else ""),
        ("values", f"k{camel(name)}Values" if shape.get("enum") else ""),
        ("refusal", "{%s, %s}" % tuple(quote(shape["refusal"][key]) for key in ("code", "message")) if "refusal" in shape else ""),
        ("timestamp", timestamp_format(shape)),
        ("members", f"k{camel(name)}Members" if members else ""),
        ("element", f"&Shapes::k{camel(element['shape'])}" if element else ""),
        ("key", f"&Shapes::k{camel(shape['key']['shape'])}" if kind == "map" else ""),
        ("element_name", quote(element.get("locationName", "member" if kind == "list" else "value")) if element else ""),
        ("key_name", quote(shape["key"].get("locationName", "key")) if kind == "map" else ""),
        ("xml_prefix", quote(xml["prefix"]) if "prefix" in xml else ""),
        ("xml_namespace", quote(xml["uri"]) if "uri" in xml else ""),
        ("list", f"&wire::list_access<{model.type_of(name)}>" if kind == "list" else ""),
        ("map", f"&wire::map_access<{model.type_of(name)}>" if kind == "map" else "")) + "}"
    return [*out, f"constinit const wire::Shape Shapes::k{camel(name)} = {row};"]


def streamed_member(model: Model, operation: dict, side: str) -> str:
    """The member whose bytes pass beside the struct; empty without one."""
    if side not in operation:
        return ""
    members = model.shapes[operation[side]["shape"]].get("members", {})
    return next((name for name, ref in members.items() if model.is_streaming(ref)), "")


def tag_of(model: Model, name: str) -> str:
    """The struct that stands for an operation, beside those of shapes."""
    return f"{name}Operation" if any(camel(shape) == name for shape in model.structures()) else name


def permission_rows(wanted: dict[str, Wanted]) -> list[str]:
    """What callers must be allowed; a service's twin asks for the same."""
    out = ["namespace {", ""]
    for name, line in wanted.items():
        for index, permission in enumerate(line.permissions):
            if permission.conditions:
                pairs = ", ".join(f"{{{quote(key)}, {quote(text)}}}" for key, text in permission.conditions)
                out.append(f"constexpr wire::ConditionTemplate k{name}Conditions{index}[] = {{{pairs}}};")
        rows = ", ".join("{" + fields(("action", quote(permission.action)),
                                      ("resource", quote(permission.resource) if permission.resource else ""),
                                      ("conditions", f"k{name}Conditions{index}" if permission.conditions else "")) + "}"
                         for index, permission in enumerate(line.permissions))
        if rows:
            out.append(f"constexpr wire::Permission k{name}Permissions[] = {{{rows}}};")
    return [*out, "", "}  // namespace", ""]


def operation_row(model: Model, name: str, symbol: str, twin: str) -> str:
    operation = model.operations[name]
    http = operation.get("http", {})
    rest = model.rest
    sides = {side: f"&Shapes::k{camel(operation[side]['shape'])}" if side in operation else "" for side in ("input", "output")}
    return f"constinit const wire::Operation {symbol} = {{" + fields(
        ("name", quote(name)), ("service", "&kService"), ("uri", quote(http.get("requestUri", "/"))),
        ("status", http.get("responseCode", 200)), ("input", sides["input"]), ("output", sides["output"]),
        ("input_root", quote(model.root_of(operation["input"])) if rest and sides["input"] else ""),
        ("output_root", quote(model.root_of(operation["output"])) if rest and sides["output"] else ""),
        ("result_wrapper", quote(operation.get("output", {}).get("resultWrapper", ""))
         if "resultWrapper" in operation.get("output", {}) else ""),
        *((f"streamed_{side}", quote(streamed_member(model, operation, side)) if streamed_member(model, operation, side) else "")
          for side in ("input", "output")),
        ("unauthenticated", flag(operation.get("authtype") == "none")),
        ("permissions", f"k{name}Permissions" if model.wanted[name].permissions else ""),
        ("permitted_by", f"wire::PermittedBy::{model.wanted[name].by}" if model.wanted[name].by != "table" else ""),
        ("twin", twin)) + "};"


def request_line(operation: dict) -> tuple[str, str]:
    """Method and path, whatever its labels are called."""
    http = operation.get("http", {})
    return http.get("method", "POST"), re.sub(r"{\w+", "{", http.get("requestUri", "/"))


def route_rows(model: Model, symbol) -> list[str]:
    """One row an operation of the whole service. Of two with the same request the newer one counts."""
    rows, lists = [], []
    asked = Counter(request_line(operation) for operation in model.operations.values())
    for name, operation in sorted(model.operations.items()):
        http = operation.get("http", {})
        needs = []
        # In rest-json a request that lacks what its operation needs is an invalid one of that operation, unless there
        # is another on the same path.
        told_apart = model.metadata["protocol"] == "rest-xml" or asked[request_line(operation)] > 1
        if "input" in operation and model.rest and told_apart:
            shape = model.shapes[operation["input"]["shape"]]
            for member in shape.get("required", []):
                ref = shape["members"][member]
                if ref.get("location") in ("querystring", "header"):
                    location = LOCATIONS[ref["location"]]
                    needs.append(f"{{wire::Location::{location}, {quote(ref['locationName'])}}}")
        if needs:
            lists.append(f"constexpr wire::Need k{name}Needs[] = {{{', '.join(needs)}}};")
        rows.append("    {" + fields(
            ("name", quote(name)), ("method", quote(http.get("method", "POST"))),
            ("uri", quote(http.get("requestUri", "/"))), ("needs", f"k{name}Needs" if needs else ""),
            ("deprecated", flag(operation.get("deprecated"))),
            ("operation", "&" + symbol(name) if name in model.wanted else "")) + "},")
    return [*lists, "const wire::Route kRoutes[] = {", *rows, "};"]


def tables(model: Model, service: str, symbol, twin: bool) -> list[str]:
    """Everything about one protocol of the service, which logs call `service`. `symbol` gives the name of an operation's constant."""
    meta = model.metadata
    out = ["namespace {", "", "struct Shapes {"]
    out += [f"  [[maybe_unused]] static const wire::Shape k{camel(name)};" for name in model.order] + ["};", ""]
    for name in model.order:
        out += shape_rows(model, name)
    patterned = [name for name in model.order if model.shapes[name].get("pattern")]
    if patterned:
        out += ["", f"const wire::Shape* const kPatterned[] = {{{', '.join(f'&Shapes::k{camel(n)}' for n in patterned)}}};"]
    out += [""] + route_rows(model, symbol) + ["", "}  // namespace", ""]
    out += [operation_row(model, name, symbol(name), f"&query::k{name}" if twin else "") for name in model.wanted]
    return [*out, "", "constinit const wire::Service kService = {" + fields(
        ("name", quote(service)), ("protocol", f"wire::Protocol::{PROTOCOLS[meta['protocol']]}"),
        ("signing_name", quote(meta.get("signingName", meta["endpointPrefix"]))),
        ("endpoint", quote(meta["endpointPrefix"])), ("api_version", quote(meta["apiVersion"])), ("json_version", quote(meta.get("jsonVersion", ""))),
        ("target_prefix", quote(meta.get("targetPrefix", ""))), ("xml_namespace", quote(meta.get("xmlNamespace", ""))),
        ("query_compatible", flag("awsQueryCompatible" in meta)), ("throttling", quote(meta.get("throttling", ""))),
        ("traits", "{%s}" % fields(*((name, "true") for name in TRAITS if name in model.traits)) if model.traits else ""),
        ("routes", "kRoutes"),
        ("patterned", "kPatterned" if patterned else ""), ("twin", "&query::kService" if twin else "")) + "};"]


def source(model: Model, query: Model | None, service: str, namespace: str, include: str, origin: str) -> str:
    out = [f"// Made by tools/wire/generate.py from {origin}: do not edit.", f'#include "{include}"', "",
           f"namespace sightline::aws::{namespace} {{", ""]
    out += permission_rows(model.wanted)
    if query:
        out += ["namespace query {", "", "extern const wire::Service kService;"]
        out += [f"extern const wire::Operation k{name};" for name in query.wanted]
        out += ["", *tables(query, service, lambda name: f"k{name}", False), "", "}  // namespace query", ""]
    out += tables(model, service, lambda name: f"{tag_of(model, name)}::operation", query is not None)
    out += [f"const wire::Shape k{camel(name)}Members = Shapes::k{camel(name)};" for name in model.carried]
    return "\n".join([*out, "", f"}}  // namespace sightline::aws::{namespace}", ""])


def query_model(raw: dict, overlay: dict, wanted: dict[str, Wanted]) -> Model:
    """The service as the query protocol speaks it."""
    wrappers = {name: {"output": {"resultWrapper": f"{name}Result"}}
                for name, operation in raw["operations"].items() if "output" in operation}
    return Model(merge(merge(raw, {"operations": wrappers}), overlay), wanted)


def write_if_changed(path: Path, text: str) -> None:
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "operations", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--overlay", type=Path)
    parser.add_argument("--service")
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--include", required=True)
    options = parser.parse_args()
    try:
        if not re.fullmatch(r"[A-Za-z_]\w*", options.namespace):
            raise Failure(f"{options.namespace} is no name of a namespace: give --service beside it")
        overlay = read_json(options.overlay) if options.overlay else {}
        as_query = overlay.pop("query", None)
        raw = merge(read_json(options.model), overlay)
        wanted = read_operations(options.operations)
        model = Model(raw, wanted)
        query = query_model(raw, as_query, wanted) if as_query else None
        meta = model.metadata
        origin = f"the model of {meta.get('serviceId', options.namespace)} {meta['apiVersion']}"
        write_if_changed(options.out / options.include, header(model, options.namespace, origin))
        write_if_changed((options.out / options.include).with_suffix(".cpp"),
                         source(model, query, options.service or options.namespace, options.namespace, options.include,
                                origin))
    except (Failure, OSError, ValueError, KeyError) as error:
        print(f"generate.py: {options.model}: {error!r}" if isinstance(error, KeyError) else
              f"generate.py: {options.model}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
