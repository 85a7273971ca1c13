#!/usr/bin/env python3
"""Makes the data folder of the state that is built, for the tests of those that come after it:

    tests/upgrade/make.py NAME        writes tests/upgrade/folders/NAME.tar.xz

To be run once a schema has changed, from a build of what is about to land; NAME is a number that goes up and what has
changed ("0002-notifications"). What is in the folder, and how test_upgrade.py knows it again, stands in contents.py."""

import io
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
sys.path.insert(0, str(HERE))
from contents import fill  # noqa: E402
from server import Server  # noqa: E402

# Not kept: the lock, the room that is reserved, what is compiled, and the 256 folders of the blobs, which are made anew.
LEFT_OUT = {"server.lock", "reserve", "compiled"}


def pack(folder, into):
    """The same folder makes the same bytes, but for what is random in it."""
    with tarfile.open(into, "w:xz", preset=9) as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if not path.is_file() or name.parts[0] in LEFT_OUT:
                continue
            entry = tarfile.TarInfo(str(name))
            entry.size, entry.mode = path.stat().st_size, 0o600
            archive.addfile(entry, io.BytesIO(path.read_bytes()))


def main():
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "data")
        server = Server(data=folder)
        fill(server)
        server.stop()
        target = HERE / "folders" / f"{sys.argv[1]}.tar.xz"
        target.parent.mkdir(exist_ok=True)
        pack(folder, target)
        print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
