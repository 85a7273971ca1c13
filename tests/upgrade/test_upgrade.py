"""Data folders that earlier states have made (make.py) are opened by this one, and all that was in them is there."""
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
sys.path.insert(0, str(HERE))
from contents import freshen, look  # noqa: E402
from server import Server, WireTest  # noqa: E402


class Upgrade(WireTest):
    def test_every_folder(self):
        archives = sorted((HERE / "folders").glob("*.tar.xz"))
        self.assertTrue(archives)
        for archive in archives:
            with self.subTest(archive.name), tempfile.TemporaryDirectory() as folder:
                data = Path(folder, "data")
                with tarfile.open(archive) as packed:
                    packed.extractall(data)
                freshen(data)
                servers = []

                def start(*flags, data=data, servers=servers):
                    servers.append(Server(*flags, data=data))
                    return servers[-1]

                try:
                    look(self, start, int(archive.name[:4]))
                finally:
                    for server in servers:
                        if server.process.poll() is None:
                            server.stop()


if __name__ == "__main__":
    unittest.main()
