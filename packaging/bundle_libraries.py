#!/usr/bin/env python3
"""Copies the libraries that an installed program needs beside it, so that it runs where they are not.

  packaging/bundle_libraries.py PREFIX

PREFIX has bin/sightline and lib/sightline. Whatever those load from the system goes into lib/sightline, but for
the C library, which is the system's everywhere: a system with that of Debian 12 (2.36) or a newer one will do.
share/doc/sightline/libraries.txt says of which Debian package in which version each is, and
share/doc/sightline/libraries/ holds the packages' licences.
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

# Parts of the C library: they belong to the loader that the system has.
C_LIBRARY = re.compile(r"^(ld-linux-x86-64|lib(c|m|mvec|dl|rt|pthread|resolv|util|anl|nsl|nss_\w+|thread_db))\.so")


class Failure(Exception):
    pass


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout


def loaded_by(file):
    """Name and path of every library that the loader finds for it, those of libraries included."""
    for line in output("ldd", file).splitlines():
        name, arrow, place = line.strip().partition(" => ")
        if not arrow:
            continue
        if place.startswith("not found"):
            raise Failure(f"{file} needs {name}, which is not here")
        yield name, Path(place.rsplit(" (", 1)[0])


def package_of(path):
    """Debian package and version of a file, by its name: dpkg knows some by /lib, which is a link."""
    real = path.resolve()
    for place in (path, real, Path("/usr") / str(path).lstrip("/"), Path(str(real).removeprefix("/usr"))):
        found = subprocess.run(["dpkg-query", "--search", place], capture_output=True, text=True)
        if found.returncode == 0:
            package = found.stdout.split(": ")[0].split(",")[0]
            return package, output("dpkg-query", "--show", "--showformat=${Version}", package)
    raise Failure(f"no Debian package has {path}: what licence it is under cannot be said")


def searches_elsewhere(file):
    """Whether a library says where its own libraries lie: the program's word does not count for it then."""
    paths = re.findall(r"\(RUNPATH\)\s+Library runpath: \[(.*)\]", output("readelf", "--dynamic", file))
    return any(path != "$ORIGIN" for path in ":".join(paths).split(":") if path)


def bundle(prefix):
    own = prefix / "lib/sightline"
    wanted = {}
    for file in [prefix / "bin/sightline", *sorted(own.iterdir())]:
        for name, place in loaded_by(file):
            if not C_LIBRARY.match(name) and not place.is_relative_to(prefix) and not (own / name).exists():
                wanted[name] = place
    docs = prefix / "share/doc/sightline"
    (docs / "libraries").mkdir(parents=True, exist_ok=True)
    lines = []
    for name, place in sorted(wanted.items()):
        shutil.copy(place.resolve(), own / name)
        (own / name).chmod(0o644)
        if searches_elsewhere(own / name):
            raise Failure(f"{place} has a RUNPATH: it would look for its libraries there, not beside the program")
        package, version = package_of(place)
        lines.append(f"{name} {package.split(':')[0]} {version}\n")
        licence = Path("/usr/share/doc") / package.split(":")[0] / "copyright"
        if not licence.exists():
            raise Failure(f"{licence} is missing")
        shutil.copy(licence.resolve(), docs / "libraries" / package.split(":")[0])
    (docs / "libraries.txt").write_text("".join(lines))
    print(f"{len(lines)} libraries, {sum((own / n).stat().st_size for n in wanted) >> 20} MiB")


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    try:
        bundle(Path(sys.argv[1]).resolve())
    except (Failure, OSError, subprocess.CalledProcessError) as failure:
        sys.exit(f"bundle_libraries: {failure}")


main()
