#!/usr/bin/env python3
"""Builds and runs every test; called by `./sightline test`, which sees to packages and configuration.

Each gtest case, each check, each unittest case and each fuzz target counts as one. A suite that cannot be
built, crashes, runs too long or holds no test counts as one failure; what this machine does not allow (a mount) is
skipped, and said so. Logs lie in build/test-logs. The last line printed
is `N passed, N failed`; the exit status is 1 if any failed.

  --all           adds ThreadSanitizer, the long fuzz and fault runs and clang-tidy over every source (tools/run_tidy.py)
  --aws           runs the wire suites against AWS itself instead, with the environment's credentials (tests/wire/aws.py)
  --fuzz-seconds  how long each fuzz target runs under --all (default 60)
"""

import argparse
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from check_layers import read_layers
from checks import ROOT, read

LOGS = ROOT / "build" / "test-logs"

# The modules of docs/layers.txt whose tests run under AddressSanitizer and UndefinedBehaviorSanitizer are all but these.
NOT_UNDER_ASAN = {
    # OpenVINO itself is not built with sanitizers, and around it these do little but arithmetic, at length.
    "sight/analysis", "sight/faces", "sight/objects", "sight/models",
    # A confined process has no room for shadow memory.
    "sandbox",
    # The wire suites run them as a whole.
    "app/server", "app/server/adapters", "app/server/assembly", "app/cli",
    *(str(listed.parent.relative_to(ROOT / "src")) for listed in ROOT.glob("src/aws/*/operations.txt")),
}
# Of some modules a part: what computes with models, and a confined process, which has no room for shadow memory.
ASAN_PART = {"sight/inference": ".*[Mm]anifest", "sight/jobs": "(JobsSchema|JournalTest|PageToken|Records|SamplerTest)"}
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:allocator_may_return_null=1:abort_on_error=1",
              "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
# What a program with OpenVINO in it needs: TBB opens a library of its own in a way that sanitizers refuse, unless a variable
# announces them. OpenVINO's CPU plugin sets signal stacks of its own, which AddressSanitizer would unmap with its own as a
# thread ends: whatever lies there next is gone then. LeakSanitizer cannot look at TBB's threads: leaks are looked for in the
# tests of the modules.
SERVER_SANITIZERS = {**SANITIZERS, "TBB_ENABLE_SANITIZERS": "1",
                     "ASAN_OPTIONS": SANITIZERS["ASAN_OPTIONS"].replace("detect_leaks=1", "detect_leaks=0")
                     + ":use_sigaltstack=0"}

# The wire suites drive a server built with sanitizers, so that every handler runs under them; once each, since twice would
# take five minutes more and find nothing that once does not. Except these, which drive what users run:
ON_RELEASE = {
    "test_cli": "stored videos too, and minutes of somebody else's Python",
    "test_clients": "stored videos too",
    "test_damage": "stored videos too",
    "test_face_search": "workers are confined: no room for shadow memory",
    "test_file_limit": "a file that may not grow, not a sanitizer's log either",
    "test_full_disk": "a disk, memory and seconds of a processor, all measured",
    "test_memory": "which a sanitizer takes for itself",
    "test_slow_clients": "tenths of seconds",
    "test_user": "an installation",
    "test_video": "workers are confined: no room for shadow memory",
}


# Under ThreadSanitizer: every module with tests that stands on these floors of docs/layers.txt, and two more that hand work
# from thread to thread; not what forks, which the sanitizer's own threads do not survive.
TSAN_FLOORS = {"base", "net", "store", "cloud"}
TSAN_MODULES = {"aws/dispatch", "sight/jobs"}
NOT_UNDER_TSAN = {"base/process"}
# Of some modules a part: what starts no workers.
TSAN_PART = {"sight/jobs": ASAN_PART["sight/jobs"]}
TSAN_WIRE = ["test_identity", "test_notifications", "test_queues", "test_s3_framings"]
THREAD_SANITIZER = {"TBB_ENABLE_SANITIZERS": "1",
                    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1:ignore_noninstrumented_modules=1"}

# Limits stop what hangs, never what is slow: the slowest machine that we know takes a quarter of them.
BUILD_LIMIT = 3600
CTEST_LIMIT = 3000
# What computes with the models: it must hold on every processor, so it runs on AVX2 as well as at the CPU's best.
VISION_TESTS = "^sight/(inference|analysis|faces|objects|models|tracking|anonymize|jobs):"


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    """By part of the run ("build release", "wire", ...), in the order in which they came."""

    def add(self, name: str, passed: int, failed: int, seconds: float, note: str = "") -> None:
        self.passed += passed
        self.failed += failed
        verdict = "ok    " if failed == 0 else "FAILED"
        print(f"{verdict} {name}: {passed} passed, {failed} failed ({seconds:.0f} s){note}", flush=True)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Times one part of the run for the summary at its end."""
        begin = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0) + time.monotonic() - begin

    def summary(self) -> str:
        return ", ".join(f"{name} {seconds / 60:.1f}" for name, seconds in self.seconds.items())


def run(name: str, command: list, limit: int, variables: dict | None = None) -> tuple[int, str, float]:
    """Runs a command with its output in a log; returns exit status (124 = ran too long), output, seconds."""
    log = LOGS / (re.sub(r"[^A-Za-z0-9.]+", "-", name) + ".log")
    begin = time.monotonic()
    with log.open("wb") as sink:
        try:
            status = subprocess.run([str(word) for word in command], cwd=ROOT, stdout=sink,
                                    stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=limit,
                                    env={**os.environ, **(variables or {})}, check=False).returncode
        except subprocess.TimeoutExpired:
            status = 124
        except OSError as error:
            sink.write(str(error).encode())
            status = 127
    return status, log.read_text(errors="replace"), time.monotonic() - begin


def show_end(output: str, lines: int = 40) -> None:
    for line in output.splitlines()[-lines:]:
        print(f"    {line}")


def step(tally: Tally, name: str, command: list, limit: int = 300, variables: dict | None = None) -> bool:
    """A command that counts as one test."""
    status, output, seconds = run(name, command, limit, variables)
    good = status == 0
    tally.add(name, int(good), int(not good), seconds, "" if good else f" exit status {status}")
    if not good:
        show_end(output)
    return good


def checks(tally: Tally) -> None:
    for check in sorted((ROOT / "tools").glob("check_*.py")):
        step(tally, check.stem.replace("_", " "), [sys.executable, check])


def build(tally: Tally, preset: str, targets: list[str]) -> bool:
    """A build that works counts for nothing, one that does not is a failure."""
    words = ["cmake", "--build", ROOT / "build" / preset]
    if targets:
        words += ["--target", *targets]
    status, output, seconds = run(f"build {preset}", words, BUILD_LIMIT)
    if status == 0:
        print(f"ok     build {preset} ({seconds:.0f} s)", flush=True)
        return True
    tally.add(f"build {preset}", 0, 1, seconds, f" exit status {status}")
    errors = [line for line in output.splitlines() if re.search(r"error|FAILED", line)]
    show_end("\n".join(errors[:40]) or output)
    return False


def dependencies() -> str:
    """The folder of the pinned packages that the release build was configured with."""
    cache = (ROOT / "build/release/CMakeCache.txt").read_text()
    return re.search(r"^SIGHTLINE_DEPS_DIR:PATH=(.*)$", cache, re.MULTILINE)[1]


def configure(tally: Tally, preset: str) -> bool:
    words = ["cmake", "--preset", preset, f"-DSIGHTLINE_DEPS_DIR={dependencies()}"]
    status, output, seconds = run(f"configure {preset}", words, 300)
    if status != 0:
        tally.add(f"configure {preset}", 0, 1, seconds)
        show_end(output)
    return status == 0


def ctest(tally: Tally, preset: str, selection: list[str], variables: dict | None = None, kind: str = "") -> None:
    name = f"ctest {preset}{kind}"
    report = LOGS / (name.replace(" ", "-") + ".xml")
    report.unlink(missing_ok=True)
    jobs = str(os.cpu_count() or 2)
    status, output, seconds = run(name, ["ctest", "--test-dir", ROOT / "build" / preset, "-j", jobs, "--timeout", "300",
                                         "--output-on-failure", "--output-junit", report, *selection],
                                  CTEST_LIMIT, variables)
    passed = failed = 0
    try:
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            if case.get("status") == "run":
                passed += 1
            elif case.get("status") == "fail":
                failed += 1
                print(f"    failed: {case.get('name')}")
    except (OSError, ElementTree.ParseError):
        pass
    # A ctest that says it failed without naming a test, or that ran none, is a failure itself.
    if passed + failed == 0 or (status != 0 and failed == 0):
        failed += 1
    tally.add(name, passed, failed, seconds)
    if failed:
        show_end(output, 60)


def suites(folder: str) -> list[Path]:
    return sorted((ROOT / "tests" / folder).glob("test_*.py"))


def unittests(tally: Tally, chosen: list[Path], limit: int, preset: str = "release", more: dict | None = None) -> None:
    """Each file is a suite of its own, driving the program named by SIGHTLINE_PROGRAM."""
    for suite in chosen:
        variables = {"SIGHTLINE_PROGRAM": str(ROOT / "build" / preset / "bin/sightline"),
                     "SIGHTLINE_CACHE": dependencies(), "PYTHONDONTWRITEBYTECODE": "1", **(more or {})}
        name = f"{suite.parent.name} {suite.stem}" + ("" if preset == "release" else f" {preset}")
        status, output, seconds = run(name, [sys.executable, "-m", "unittest", "discover", "-v", "-s", suite.parent,
                                             "-p", suite.name], limit, variables)
        ran = re.search(r"^Ran (\d+) tests? in", output, re.MULTILINE)
        counts = dict(re.findall(r"(failures|errors|skipped|unexpected successes)=(\d+)", output))
        failed = sum(int(counts.get(key, 0)) for key in ("failures", "errors", "unexpected successes"))
        skipped = int(counts.get("skipped", 0))
        passed = max(0, (int(ran[1]) if ran else 0) - failed - skipped)
        if ran is None or (status != 0 and failed == 0) or passed + failed + skipped == 0:
            failed += 1
        tally.add(name, passed, failed, seconds, f" {skipped} skipped" if skipped else "")
        if failed:
            show_end(output, 60)


def fuzz(tally: Tally, seconds: int) -> None:
    if not configure(tally, "fuzz") or not build(tally, "fuzz", []):
        return
    for target in sorted((ROOT / "build/fuzz/bin").glob("fuzz_*")):
        stem = target.name.removeprefix("fuzz_")
        corpus = ROOT / "build/fuzz/corpus" / stem
        corpus.mkdir(parents=True, exist_ok=True)
        seeds = ROOT / "tests/fuzz/seeds" / stem
        folders = [corpus, seeds] if seeds.is_dir() else [corpus]
        step(tally, f"fuzz {stem}", [target, f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=3000",
                                     f"-artifact_prefix={LOGS}/{stem}-", *folders], seconds + 120, SANITIZERS)


def tidy(tally: Tally) -> None:
    if configure(tally, "tidy") and build(tally, "tidy", ["wire"]):
        step(tally, "clang-tidy", [sys.executable, ROOT / "tools/run_tidy.py"], 3600)


def has_more_than_avx2() -> bool:
    """Whether the models compute with more than AVX2 here, so that a run restricted to it differs."""
    flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return flags is not None and bool({"avx512f", "avx_vnni"} & set(flags[1].split()))


def vision_on_avx2(tally: Tally) -> None:
    if has_more_than_avx2():
        ctest(tally, "release", ["--tests-regex", VISION_TESTS], {"ONEDNN_MAX_CPU_ISA": "AVX2"}, " on AVX2")
    else:
        print("ok     ctest release on AVX2: this processor has no more, so the run above was it", flush=True)


def modules_with_tests() -> list[str]:
    return sorted(module for module in read_layers(read(Path("docs/layers.txt"))).modules
                  if any((ROOT / "src" / module).glob("*_test.cpp")))


def sanitized(tally: Tally) -> None:
    if not configure(tally, "asan"):
        return
    modules = [module for module in modules_with_tests() if module not in NOT_UNDER_ASAN]
    targets = [module.replace("/", "_") + "_test" for module in modules]
    targets += sorted("fuzz_" + path.stem.removesuffix("_fuzz") for path in (ROOT / "src").rglob("*_fuzz.cpp"))
    with tally.part("build asan"):
        built = build(tally, "asan", [*targets, "sightline", "check_signature"])
    if not built:
        return
    cases = [f"{module}:{ASAN_PART.get(module, '')}" for module in modules]
    with tally.part("ctest asan"):
        ctest(tally, "asan", ["--tests-regex", "^(" + "|".join([*cases, r"fuzz\."]) + ")"], SANITIZERS)
    with tally.part("wire asan"):
        unittests(tally, [suite for suite in suites("wire") if suite.stem not in ON_RELEASE], 900, "asan",
                  SERVER_SANITIZERS)


def thread_sanitized(tally: Tally) -> None:
    if not configure(tally, "tsan"):
        return
    modules = [module for module in modules_with_tests()
               if (module.split("/")[0] in TSAN_FLOORS and module not in NOT_UNDER_TSAN) or module in TSAN_MODULES]
    if not build(tally, "tsan", [*(module.replace("/", "_") + "_test" for module in modules), "sightline"]):
        return
    cases = [f"{module}:{TSAN_PART.get(module, '')}" for module in modules]
    ctest(tally, "tsan", ["--tests-regex", "^(" + "|".join(cases) + ")"], THREAD_SANITIZER)
    unittests(tally, [suite for suite in suites("wire") if suite.stem in TSAN_WIRE], 900, "tsan", THREAD_SANITIZER)


def run_everything(tally: Tally, options: argparse.Namespace) -> None:
    with tally.part("checks"):
        checks(tally)
    with tally.part("build release"):
        built = build(tally, "release", [])
    if built:
        with tally.part("ctest release"):
            ctest(tally, "release", [])
            vision_on_avx2(tally)
        with tally.part("cli"):
            unittests(tally, suites("cli"), 900)
        with tally.part("wire"):
            unittests(tally, [suite for suite in suites("wire") if suite.stem in ON_RELEASE] + suites("upgrade"), 900)
    sanitized(tally)
    if options.all:
        with tally.part("thread sanitizer"):
            thread_sanitized(tally)
        with tally.part("fault, fuzz, clang-tidy"):
            unittests(tally, suites("fault"), 1800)
            fuzz(tally, options.fuzz_seconds)
            tidy(tally)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--aws", action="store_true")
    parser.add_argument("--fuzz-seconds", type=int, default=60)
    options = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    tally = Tally()
    begin = time.monotonic()
    try:
        if options.aws:
            unittests(tally, suites("wire"), 1800, more={"SIGHTLINE_AWS": "1"})
        else:
            run_everything(tally, options)
    except KeyboardInterrupt:
        tally.add("interrupted", 0, 1, time.monotonic() - begin)
    except Exception as error:  # the last line must tell the truth even when this file is at fault
        tally.add(f"tools/run_tests.py: {error!r}", 0, 1, time.monotonic() - begin)
    print(f"minutes: {tally.summary()}")
    print(f"whole run: {time.monotonic() - begin:.0f} s; logs in {LOGS.relative_to(ROOT)}")
    print(f"{tally.passed} passed, {tally.failed} failed", flush=True)
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
