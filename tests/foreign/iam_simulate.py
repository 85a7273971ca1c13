#!/usr/bin/env python3
"""The policy engine against the cases of cloud-copilot/iam-simulate, an independent simulator of AWS's evaluation.

    tests/foreign/iam_simulate.py FOLDER [-v]

FOLDER is a checkout of https://github.com/cloud-copilot/iam-simulate (AGPL: its cases are run where they lie; nothing of it is
a part of Sightline). Not part of `./sightline test`, since it needs that folder. First:

    cmake --build build/release --target decide_lines

SIGHTLINE_DECIDE_LINES names the program where it lies elsewhere. Prints a line a case that failed or, with -v, does not apply,
with the reason, and counts a reason. The exit status is 1 where fewer than 98% of the cases that apply are decided alike.
"""
import collections
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("SIGHTLINE_DECIDE_LINES", ROOT / "build/release/bin/decide_lines"))
GOAL = 0.98

# Where AWS's documents say otherwise than a case, by its name.
DEVIATIONS = {
    "Implicit deny in session policy denies even if session ARN in resource policy":
        "AWS: what a resource's policy grants a session by the session's own ARN is not limited by an implicit denial of its "
        "session policy",
    "Same Account: NotPrincipal/Deny in Resource Policy should allow":
        "AWS: a Deny with NotPrincipal spares a user only where its account is named beside it",
}


def cases(folder):
    for path in sorted(folder.glob("src/**/*Tests/**/*.json")):
        for case in json.loads(path.read_text()):
            yield path.relative_to(folder / "src"), case


def caller(principal):
    """The caller that a principal of a case means."""
    if not isinstance(principal, str):
        return {"kind": "anonymous"}
    if not principal.startswith("arn:"):
        return {"kind": "service", "service": principal}
    _, partition, service, _, account, name = principal.split(":", 5)
    out = {"account": account, "arn": principal, "id": "AIDAEXAMPLE"}
    if name == "root":
        return out | {"kind": "root", "id": account}
    kind, _, rest = name.partition("/")
    if kind == "assumed-role":
        role, _, session = rest.partition("/")
        return out | {"kind": "session", "source_arn": f"arn:{partition}:iam::{account}:role/{role}",
                      "id": f"AROAEXAMPLE:{session}"}
    if kind == "federated-user":
        return out | {"kind": "federated_user", "source_arn": f"arn:{partition}:iam::{account}:user/{rest}"}
    return out | {"kind": kind, "name": rest.rpartition("/")[2]}


def without(documents, *names):
    """Copies of documents whose statements lack members that AWS refuses to store there and the simulator passes over."""
    out = []
    for document in documents:
        statements = document["Statement"]
        kept = [{name: value for name, value in statement.items() if name not in names}
                for statement in (statements if isinstance(statements, list) else [statements])]
        out.append(document | {"Statement": kept})
    return out


def texts(value):
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def resources(document):
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        for name in ("Resource", "NotResource"):
            yield from texts(statement.get(name, []))


def question(case):
    """A case as a line for decide_lines, or the reason why it does not apply."""
    if "simulation" in case and "request" not in case:
        simulation = case["simulation"]
        if case["expected"]["resultType"] != "single" or "overallResult" not in case["expected"]:
            return "asks for patterns of resources, not for a decision"
        if case.get("simulationOptions", {}).get("simulationMode") == "Discovery":
            return "discovery mode"
        request = simulation["request"]
        identity = [one["policy"] for one in simulation["identityPolicies"]]
        resource, session = simulation.get("resourcePolicy"), simulation.get("sessionPolicy")
        boundaries, scps = simulation.get("permissionBoundaryPolicies"), simulation["serviceControlPolicies"]
        rcps, endpoints = simulation["resourceControlPolicies"], simulation.get("vpcEndpointPolicies")
        keys, expected = request["contextVariables"], case["expected"]["overallResult"]
    else:
        if case.get("simulation", {}).get("mode") == "Discovery":
            return "discovery mode"
        request = case["request"]
        identity, resource, session = case["identityPolicies"], case.get("resourcePolicy"), case.get("sessionPolicy")
        boundaries, scps = case.get("permissionBoundaries"), case.get("serviceControlPolicies")
        rcps, endpoints = case.get("resourceControlPolicies"), case.get("endpointPolicies")
        keys, expected = request.get("context", {}), case["expected"]["response"]
    if boundaries is not None:
        return "permission boundaries"
    if scps:
        return "service control policies"
    if any(one["policies"] for one in rcps or []):
        return "resource control policies"
    if endpoints is not None:
        return "VPC endpoint policies"
    action, target = request["action"], request["resource"]
    if action.startswith("kms:"):
        return "the rules of KMS keys"
    documents = identity + [one for one in (resource, session) if one]
    everything = all(one == "*" for document in documents for one in resources(document))
    if "*" in target["resource"] and not request.get("wildcardOnlyAction") and not everything:
        return "asks about a pattern of resources, not about one"
    trusts = [resource] if resource else []
    if action.startswith("sts:AssumeRole"):
        trusts = without(trusts, "Resource")
    return {"caller": caller(request["principal"]), "action": action, "resource": target["resource"],
            "resource_account": target["accountId"], "keys": {name: texts(value) for name, value in keys.items()},
            "identity": without(identity, "Principal"), "session": [session] if session else [], "resource_policy": trusts,
            "expected": expected}


def main():
    arguments = [one for one in sys.argv[1:] if one != "-v"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    talks = "-v" in sys.argv[1:]
    counts, reasons, passed_over = collections.Counter(), collections.Counter(), []
    with subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        for path, case in cases(Path(arguments[0])):
            line = question(case)
            answer = None
            if isinstance(line, dict):
                program.stdin.write(json.dumps(line) + "\n")
                program.stdin.flush()
                answer = json.loads(program.stdout.readline())
                if "fault" in answer:
                    line = f"AWS stores no such document: {answer['fault']}"
            if isinstance(line, str):
                reasons[line] += 1
                passed_over.append((path, case["name"], line))
                continue
            right = answer["outcome"] == line["expected"]
            counts[right] += 1
            if not right:
                print(f"{path}: {case['name']}: {answer['outcome']} instead of {line['expected']}; "
                      f"{DEVIATIONS.get(case['name'], answer['statements'])}")
        program.stdin.close()
    if talks:
        for path, name, reason in passed_over:
            print(f"{path}: {name}: does not apply: {reason}")
    for reason, count in sorted(reasons.items(), key=lambda one: -one[1]):
        print(f"{count} do not apply: {reason}")
    total = counts[True] + counts[False]
    print(f"{counts[True]} passed, {counts[False]} failed, {sum(reasons.values())} do not apply")
    if total == 0 or counts[True] < GOAL * total:
        sys.exit(1)


if __name__ == "__main__":
    main()
