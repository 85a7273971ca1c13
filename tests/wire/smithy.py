#!/usr/bin/python3
"""Holds the codecs to the public protocol cases of Smithy, in the form in which botocore carries them: a model of each
operation in the format that our generator reads, and its cases (tests/unit/protocols/{input,output}/PROTOCOL.json of
https://github.com/boto/botocore, made from smithy-aws-protocol-tests of https://github.com/smithy-lang/smithy).

The cases are written for clients; a server is held to them the other way round:
  input   the client's request is routed and decoded, and must give the parameters that the client was given
  output  the result that the client is to read is encoded, and must be the response on the wire, JSON and XML compared
          by meaning; where a client reads more forms than one, botocore's parser must read the result from ours

usage: smithy.py FOLDER [--build DIR] [--only TEXT] [--verbose]
  FOLDER holds input/ and output/. The operations are generated and compiled into DIR (build/release) each time.
  Prints how many cases of each protocol pass, what fails, and which do not apply and why. Exit code 1 if any fails.
"""
import argparse
import base64
import collections
import copy
import datetime
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(ROOT / "tools/wire"))

import server  # noqa: E402, F401: puts botocore on the path
import generate  # noqa: E402
from botocore import parsers  # noqa: E402
from botocore.awsrequest import HeadersDict  # noqa: E402
from botocore.model import OperationModel, ServiceModel  # noqa: E402
from botocore.utils import parse_timestamp  # noqa: E402

PROTOCOLS = {"json_1_0": "awsJson1_0", "json_1_0-query-compatible": "awsJson1_0", "json": "awsJson1_1", "query": "awsQuery",
             "rest-json": "restJson1", "rest-xml": "restXml"}
CONTENT_TYPES = {"query": "application/x-www-form-urlencoded"}
# Cases that say something of clients only, by pattern of protocol, side and id.
OF_CLIENTS = {
    r"SDKApplie|SDKAppend": "the client compresses the body, and the case does not say what comes of it",
    r"[Uu]nexpected_?[Jj]son_?[Oo]utput|[Rr]esponds_?[Ww]ith_?[Nn]o_?[Pp]ayload$": "clients bear what the model does not know, or lacks; we answer with an object",
    r"EmptyQueryMaps|input .*HeadersAreNotPresent$|OmitsEmptyListQueryValues|EmptyStructurePayload$|HeadersButNoPayload$":
        "an empty value that leaves no trace on the wire, or the trace of none",
    r" QueryXmlLists$": "botocore's form does not tell whether a flattened list has its member's name; its own tests leave it out",
    r"HostWithPath": "a client's endpoint has a path",
    r"IdempotencyTokenAutoFill$": "a client fills in a token that it was not given",
    r"FooErrorUsing(Code|XAmznErrorType)|FooErrorWithDunderType(And|Uri)": "another form of error that clients read; one is written",
    r"ServersPutAllQueryParams|QueryPrecedence": "the client's parameters and members collide: what was meant is lost on the wire",
}


class Inapplicable(Exception):
    """Why a case does not apply."""


# ---- models ----

def model_of(suite: dict, protocol: str, side: str) -> dict:
    """The suite as a service's model."""
    model = {"metadata": {"endpointPrefix": "cases", "serviceId": "cases", **suite["metadata"]},
             "shapes": copy.deepcopy(suite["shapes"]), "operations": {}}
    model["metadata"].setdefault("targetPrefix", "")
    if protocol == "query":
        model["metadata"]["xmlNamespace"] = "https://example.com/"  # botocore's form has lost it
    for case in suite["cases"]:
        given = copy.deepcopy(case["given"])
        other = "output" if side == "input" else "input"
        given.pop(other, None)
        if "output" in given and protocol == "query" and model["shapes"][given["output"]["shape"]].get("members"):
            given["output"]["resultWrapper"] = f"{given['name']}Result"
        model["operations"].setdefault(given["name"], given)
        for error in given.get("errors", []) if side == "output" else []:
            shape = model["shapes"][error["shape"]]
            shape["exception"] = True
            shape["carried"] = any(name.lower() != "message" for name in shape["members"])
    return model


def write_sources(suites: dict, folder: Path) -> dict:
    """Sources of all suites, one a file of cases; why the operations of some could not be generated."""
    folder.mkdir(parents=True, exist_ok=True)
    lacking, wanted_files = {}, set()
    for stem, entries in suites.items():
        lines = ['#include "smithy_subject.h"']
        for name, suite in entries.items():
            model = suite["model"]
            added = []
            for operation in sorted(model["operations"]):
                try:
                    generate.Model(model, {operation: generate.Wanted([])})
                    added.append(operation)
                except generate.Failure as failure:
                    lacking[f"{name}.{operation}"] = str(failure)
            if not added:
                continue
            try:
                made = generate.Model(model, {operation: generate.Wanted([]) for operation in added})
                header = generate.header(made, name, stem)
                source = generate.source(made, None, name, name, f"{name}.h", stem)
            except generate.Failure as failure:
                lacking.update({f"{name}.{operation}": str(failure) for operation in added})
                continue
            generate.write_if_changed(folder / f"{name}.h", header)
            generate.write_if_changed(folder / f"{name}.inc", source)
            lines.append(f'#include "{name}.inc"')
            lines += [f"static const sightline::smithy::Added<sightline::aws::{name}::{generate.tag_of(made, operation)}> "
                      f'k_{name}_{operation}("{name}.{operation}");' for operation in added]
            lines += [f"static const sightline::smithy::AddedError<sightline::aws::{name}::{generate.camel(error)}> "
                      f'k_{name}_{error}("{name}!{error}", sightline::aws::{name}::k{generate.camel(error)});'
                      for error in made.carried]
        generate.write_if_changed(folder / f"{stem}.cpp", "\n".join(lines) + "\n")
        wanted_files.add(f"{stem}.cpp")
    for stale in folder.glob("*.cpp"):
        if stale.name not in wanted_files:
            stale.unlink()
    return lacking


class Subject:
    """The program that has the operations."""

    def __init__(self, program: Path):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def ask(self, **question) -> dict:
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the program ended at {question}")
        return json.loads(line)


# ---- values ----

def time_of(value) -> float:
    if isinstance(value, (int, float)):
        return float(value)
    return parse_timestamp(value).astimezone(datetime.timezone.utc).timestamp()


def normal(model: dict, ref: dict, value, ours: bool):
    """A value as both sides can be compared: bytes as Base64, times as seconds, no members that are null."""
    shape = model["shapes"][ref["shape"]]
    kind = shape["type"]
    if value is None:
        return None
    if ref.get("jsonvalue"):
        return json.loads(value) if isinstance(value, str) else value
    if kind == "structure" and not shape.get("document"):
        return {name: normal(model, shape["members"][name], item, ours) for name, item in value.items()
                if item is not None and name in shape["members"]}
    if kind == "list":
        return [normal(model, shape["member"], item, ours) for item in value if item is not None]
    if kind == "map":
        return {key: normal(model, shape["value"], item, ours) for key, item in value.items() if item is not None}
    if kind == "timestamp":
        return time_of(value)
    if kind == "blob":
        return value if ours else base64.b64encode(value.encode() if isinstance(value, str) else value).decode()
    if kind in ("float", "double"):
        # A float has seven digits. NaN is itself only as a text.
        return str(float(f"{float(value):.6g}" if kind == "float" else value))
    return value


def document(model: dict, ref: dict, value):
    """The same as our documents write it."""
    shape = model["shapes"][ref["shape"]]
    kind = shape["type"]
    if ref.get("jsonvalue"):
        return json.dumps(value)
    if kind == "structure":
        return {name: document(model, shape["members"][name], item) for name, item in value.items() if item is not None}
    if kind == "list":
        return [document(model, shape["member"], item) for item in value if item is not None]
    if kind == "map":
        return {key: document(model, shape["value"], item) for key, item in value.items() if item is not None}
    if kind == "blob":
        return base64.b64encode(value.encode()).decode()
    return value


def holds_null_in_list(value) -> bool:
    if isinstance(value, dict):
        return any(holds_null_in_list(item) for item in value.values())
    return isinstance(value, list) and any(item is None or holds_null_in_list(item) for item in value)


# ---- cases ----

class Case:
    def __init__(self, stem: str, side: str, namespace: str, suite: dict, case: dict):
        self.stem, self.side, self.suite, self.case = stem, side, suite, case
        self.protocol = suite["model"]["metadata"]["protocol"]
        self.model = suite["model"]
        self.operation = self.model["operations"][case["given"]["name"]]
        self.subject = f"{namespace}.{case['given']['name']}"
        self.label = f"{PROTOCOLS[stem]} {side} {case.get('id', case.get('description', namespace))}"

    def refuse_inapplicable(self, lacking: dict) -> None:
        for pattern, reason in OF_CLIENTS.items():
            if re.search(pattern, self.label):
                raise Inapplicable(reason)
        if self.subject in lacking:
            raise Inapplicable(f"refused when its model is generated: {lacking[self.subject]}")

    def run(self, subject: Subject) -> str:
        """Empty where the case passes, else what is wrong."""
        if self.side == "input":
            return self.run_input(subject)
        return self.run_error(subject) if "error" in self.case else self.run_output(subject)

    def run_input(self, subject: Subject) -> str:
        sent = self.case["serialized"]
        headers = dict(sent.get("headers", {}))
        lower = {name.lower() for name in headers}
        if self.protocol == "json" and "x-amz-target" not in lower:
            headers["X-Amz-Target"] = f"{self.model['metadata']['targetPrefix']}.{self.operation['name']}"
        if self.protocol in CONTENT_TYPES and "content-type" not in lower:
            headers["Content-Type"] = CONTENT_TYPES[self.protocol]
        answer = subject.ask(do="decode", subject=self.subject, method=sent.get("method", "POST"), target=sent.get("uri", "/"),
                             headers=list(headers.items()), body=sent.get("body", "").encode().hex())
        if "error" in answer:
            return answer["error"]
        if "input" not in self.operation:
            return ""
        ref = self.operation["input"]
        expected = normal(self.model, ref, self.without_streams(ref, self.case.get("params", {})), False)
        got = self.without_bound(ref, normal(self.model, ref, json.loads(answer["document"]), True), expected)
        return "" if got == expected else f"expected {json.dumps(expected)}, got {json.dumps(got)}"

    def without_bound(self, ref: dict, got: dict, expected: dict) -> dict:
        """Servers put all of a query into a map of it; clients only what no other member says."""
        members = self.model["shapes"][ref["shape"]].get("members", {})
        bound = {member.get("locationName") for member in members.values() if member.get("location") == "querystring"}
        for name, value in list(got.items()):
            if members[name].get("location") == "querystring" and isinstance(value, dict):
                kept = {key: item for key, item in value.items() if key not in bound or key in expected.get(name, {})}
                got = {**{key: item for key, item in got.items() if key != name}, **({name: kept} if kept else {})}
        return got

    def without_streams(self, ref: dict, params: dict) -> dict:
        members = self.model["shapes"][ref["shape"]].get("members", {})
        return {name: value for name, value in params.items()
                if not (members[name].get("streaming") or self.model["shapes"][members[name]["shape"]].get("streaming"))}

    def run_output(self, subject: Subject) -> str:
        ref = self.operation.get("output")
        result = self.case.get("result", {})
        said = document(self.model, ref, self.without_streams(ref, result)) if ref else {}
        answer = subject.ask(do="encode", subject=self.subject, document=json.dumps(said))
        if "error" in answer:
            return answer["error"]
        body = bytes.fromhex(answer["body"])
        expected = self.case["response"]
        if ref and len(self.without_streams(ref, result)) < len(result):
            body = expected.get("body", "").encode()  # it passes beside
        difference = self.differs(answer, body, expected)
        if difference and not self.read_alike(answer, body, ref, result):
            return f"{difference}; botocore reads another result"
        return ""

    def differs(self, answer: dict, body: bytes, expected: dict) -> str:
        if answer["status"] != expected["status_code"]:
            return f"status {answer['status']} where {expected['status_code']} is meant"
        headers = HeadersDict(answer["headers"])
        for name, value in expected.get("headers", {}).items():
            if name.lower() == "content-length":
                continue  # net/ writes it
            if headers.get(name) != value:
                return f"header {name} is {headers.get(name)!r} where {value!r} is meant"
        if "body" not in expected:
            return ""
        same = same_json if "json" in self.protocol else same_xml
        if body == expected["body"].encode() or same(body.decode(), expected["body"]):
            return ""
        return f"body {body.decode()!r} where {expected['body']!r} is meant"

    def parsed(self, answer: dict, body: bytes, shape):
        parser = {"json": parsers.JSONParser, "query": parsers.QueryParser, "rest-json": parsers.RestJSONParser,
                  "rest-xml": parsers.RestXMLParser}[self.protocol](timestamp_parser=time_of)
        return parser.parse({"status_code": answer["status"], "headers": HeadersDict(answer["headers"]), "body": body,
                             "context": {"operation_name": self.operation["name"]}}, shape)

    def read_alike(self, answer: dict, body: bytes, ref, result) -> bool:
        if holds_null_in_list(result):
            return False
        service = ServiceModel(copy.deepcopy(self.model))
        shape = OperationModel(copy.deepcopy(self.operation), service).output_shape
        if shape is not None and self.protocol == "query" and shape.members:
            shape.serialization["resultWrapper"] = f"{self.operation['name']}Result"
        try:
            got = self.parsed(answer, body, shape)
        except parsers.ResponseParserError:
            return False
        got.pop("ResponseMetadata", None)
        return bool(ref) and answer["status"] == self.case["response"]["status_code"] and \
            normal(self.model, ref, got, False) == normal(self.model, ref, result, False)

    def run_error(self, subject: Subject) -> str:
        expected = self.case
        code = expected["errorCode"]
        name = code if code in self.model["shapes"] else next(
            name for name, shape in self.model["shapes"].items() if shape.get("error", {}).get("code") == code)
        extra = {member: value for member, value in expected["error"].items() if member.lower() != "message"}
        ref = {"shape": name}
        answer = subject.ask(do="refuse", subject=self.subject, type=code, code=code, status=expected["response"]["status_code"],
                             message=expected.get("errorMessage") or "", error=f"{self.subject.split('.')[0]}!{name}",
                             document=json.dumps(document(self.model, ref, extra)))
        if "error" in answer:
            return answer["error"]
        body = bytes.fromhex(answer["body"])
        got = self.parsed(answer, body, None).get("Error", {})
        meant = {"Code": code, "Message": expected.get("errorMessage") or ""}
        if {key: got.get(key) or "" for key in meant} != meant or answer["status"] != expected["response"]["status_code"]:
            return f"expected {meant}, got {got}"
        members = self.parsed(answer, body, ServiceModel(copy.deepcopy(self.model)).shape_for(name)) if extra else {}
        members = {member: value for member, value in members.items() if member in extra}
        return "" if members == extra else f"expected {extra}, got {members}"


def same_json(first: str, second: str) -> bool:
    try:
        return json.loads(first) == json.loads(second)
    except ValueError:
        return False


def same_xml(first: str, second: str) -> bool:
    def tree(node):
        # Elements come in any order, but for those of one name. No client looks at their namespaces.
        children = collections.defaultdict(list)
        for child in node:
            children[child.tag.split("}")[-1]].append(tree(child))
        children.pop("ResponseMetadata", None)  # query: what AWS adds to each answer
        return (node.tag.split("}")[-1], dict(node.attrib), "" if len(node) else (node.text or ""), dict(children))

    try:
        return tree(ElementTree.fromstring(first)) == tree(ElementTree.fromstring(second))
    except ElementTree.ParseError:
        return False


def read_cases(folder: Path) -> tuple[dict, list]:
    suites, cases = collections.defaultdict(dict), []
    for stem in PROTOCOLS:
        for side in ("input", "output"):
            path = folder / side / f"{stem}.json"
            if not path.exists():
                continue
            for index, suite in enumerate(json.loads(path.read_text())):
                namespace = f"{stem}_{side}_{index}".replace("-", "_")
                suite["model"] = model_of(suite, suite["metadata"]["protocol"], side)
                suites[f"{stem}_{side}"][namespace] = suite
                cases += [Case(stem, side, namespace, suite, case) for case in suite["cases"]]
    return suites, cases


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--only", default="", help="cases whose label contains this")
    parser.add_argument("--verbose", action="store_true", help="name the cases that do not apply")
    options = parser.parse_args()
    suites, cases = read_cases(options.folder)
    if not cases:
        parser.error(f"{options.folder} holds no cases: input/ and output/ with PROTOCOL.json are looked for")
    lacking = write_sources(suites, options.build / "smithy")
    subprocess.run(["cmake", "--build", options.build, "--target", "smithy_subject", "-j2"], check=True,
                   stdout=subprocess.DEVNULL)
    subject = Subject(options.build / "bin/smithy_subject")
    counts = collections.defaultdict(collections.Counter)
    failed, reasons = [], collections.defaultdict(list)
    for case in cases:
        if options.only not in case.label:
            continue
        key = (PROTOCOLS[case.stem], case.side)
        try:
            case.refuse_inapplicable(lacking)
            problem = case.run(subject)
        except Inapplicable as reason:
            counts[key]["inapplicable"] += 1
            reasons[str(reason)].append(case.label)
            continue
        counts[key]["failed" if problem else "passed"] += 1
        if problem:
            failed.append(f"{case.label}: {problem}")
    for text in failed:
        print("FAILED", text)
    for reason, labels in sorted(reasons.items()):
        print(f"does not apply ({len(labels)}): {reason}")
        if options.verbose:
            print("".join(f"  {label}\n" for label in labels), end="")
    print(f"{'protocol':12} {'side':7} passed failed inapplicable")
    for (protocol, side), count in counts.items():
        print(f"{protocol:12} {side:7} {count['passed']:6} {count['failed']:6} {count['inapplicable']:12}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
