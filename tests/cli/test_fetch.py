"""packaging/fetch.py: what is unpacked, what is refused, and that a second run needs no network."""

import hashlib
import http.server
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import threading
import unittest
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Fetch(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.wheels = self.folder / "wheels"
        self.cache = self.folder / "cache"
        self.packaging = self.folder / "packaging"
        for folder in (self.wheels, self.cache, self.packaging):
            folder.mkdir()
        for name in ("fetch.py", "npm.py"):
            shutil.copy(ROOT / "packaging" / name, self.packaging)
        for name in ("python-packages.txt", "npm-packages.txt", "test-packages.txt", "conversions.txt"):
            (self.packaging / name).write_text("")
        (self.packaging / "contents.txt").write_text(
            "some-thing  pkg/*.bin        pkg/  models\nsome-thing  !pkg/skip.bin    -     -\n")

    def offer(self, version, files):
        """Puts a wheel where pip looks, and returns its pin."""
        wheel = self.wheels / f"some_thing-{version}-py3-none-any.whl"
        info = f"some_thing-{version}.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: some-thing\nVersion: {version}\n")
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
        return f"some-thing=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"

    def fetch(self, pin):
        (self.packaging / "python-packages.txt").write_text(pin + "\n")
        return self.run_fetch()

    def run_fetch(self, *options, **variables):
        return subprocess.run(
            ["/usr/bin/python3", str(self.packaging / "fetch.py"), *options, str(self.cache)], capture_output=True, text=True, check=False,
            env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull, "NPM_CONFIG_USERCONFIG": os.devnull, **variables})

    def contents(self):
        return sorted(str(path.relative_to(self.cache)) for path in self.cache.rglob("*")
                      if path.is_file() and not path.relative_to(self.cache).parts[0].startswith("."))

    def test_takes_what_contents_names_and_no_more(self):
        done = self.fetch(self.offer("1.0", {"pkg/a.bin": "a", "pkg/skip.bin": "s", "pkg/code.py": "c"}))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.contents(), ["models/a.bin"])

    def test_a_second_run_needs_no_network(self):
        pin = self.offer("1.0", {"pkg/a.bin": "a"})
        self.fetch(pin)
        shutil.rmtree(self.wheels)
        self.assertEqual(self.fetch(pin).returncode, 0)

    def test_a_lost_file_is_fetched_again(self):
        pin = self.offer("1.0", {"pkg/a.bin": "a"})
        self.fetch(pin)
        (self.cache / "models/a.bin").unlink()
        self.assertEqual(self.fetch(pin).returncode, 0)
        self.assertEqual(self.contents(), ["models/a.bin"])

    def test_a_wheel_with_another_hash_is_refused(self):
        pin = self.offer("1.0", {"pkg/a.bin": "a"})
        self.offer("1.0", {"pkg/a.bin": "tampered with"})
        done = self.fetch(pin)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.contents(), [])

    def test_a_new_version_replaces_the_old_and_leaves_others_files_alone(self):
        self.fetch(self.offer("1.0", {"pkg/a.bin": "a", "pkg/old.bin": "o"}))
        (self.cache / "models/mine.onnx").write_text("mine")
        self.assertEqual(self.fetch(self.offer("2.0", {"pkg/a.bin": "A", "pkg/new.bin": "n"})).returncode, 0)
        self.assertEqual(self.contents(), ["models/a.bin", "models/mine.onnx", "models/new.bin"])
        self.assertEqual((self.cache / "models/a.bin").read_text(), "A")

    def test_what_is_made_of_a_package_is_made_once_and_again_when_the_tool_changes(self):
        tool = self.folder / "tools/models/double.py"
        tool.parent.mkdir(parents=True)
        tool.write_text("import sys\nopen(sys.argv[2], 'w').write(2 * open(sys.argv[1]).read())\n")
        (self.packaging / "conversions.txt").write_text("models/made.bin double.py {cache}/models/a.bin {output}\n")
        pin = self.offer("1.0", {"pkg/a.bin": "a"})
        self.assertEqual(self.fetch(pin).returncode, 0)
        self.assertEqual((self.cache / "models/made.bin").read_text(), "aa")
        (self.cache / "models/made.bin").write_text("untouched")
        self.assertEqual(self.fetch(pin).returncode, 0)
        self.assertEqual((self.cache / "models/made.bin").read_text(), "untouched")
        tool.write_text(tool.read_text().replace("2 *", "3 *"))
        self.assertEqual(self.fetch(pin).returncode, 0)
        self.assertEqual((self.cache / "models/made.bin").read_text(), "aaa")
        tool.write_text("raise SystemExit(1)")
        self.assertEqual(self.fetch(pin).returncode, 1)

    def test_no_network_says_what_to_do(self):
        done = self.fetch("some-thing==3.0 --hash=sha256:" + "0" * 64)
        self.assertEqual(done.returncode, 1)
        self.assertIn("check the network", done.stderr)

    def test_a_path_that_leads_outside_is_refused(self):
        done = self.fetch(self.offer("1.0", {"pkg/../../../evil.bin": "e"}))
        self.assertEqual(done.returncode, 1)
        self.assertIn("leads outside", done.stderr)

    def serve(self, files):
        """An npm registry: a package's tarball at NAME/-/PLAIN-VERSION.tgz."""
        class Registry(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if self.path in files else 404)
                self.end_headers()
                self.wfile.write(files.get(self.path, b""))

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    @staticmethod
    def tarball(files, mode=0o644):
        sink = io.BytesIO()
        with tarfile.open(fileobj=sink, mode="w:gz") as archive:
            for name, text in files.items():
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(text), mode
                archive.addfile(entry, io.BytesIO(text.encode()))
            link = tarfile.TarInfo("package/link.bin")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(link)
        return sink.getvalue()

    def npm_package(self, files):
        data = self.tarball(files)
        (self.packaging / "npm-packages.txt").write_text(
            f"@scope/thing@2.0 --hash=sha256:{hashlib.sha256(data).hexdigest()}\n")
        (self.packaging / "contents.txt").write_text("@scope/thing package/*.bin package/ sources\n")
        return data

    def test_npm_packages_come_from_the_registry_that_is_set(self):
        data = self.npm_package({"package/a.bin": "a", "package/b.js": "b"})
        registry = self.serve({"/@scope/thing/-/thing-2.0.tgz": data})
        npmrc = self.folder / "npmrc"
        npmrc.write_text(f"registry=http://127.0.0.1:1/\n@scope:registry={registry}/\n")
        done = self.run_fetch(NPM_CONFIG_USERCONFIG=str(npmrc))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.contents(), ["sources/a.bin"])
        npmrc.unlink()
        self.assertEqual(self.run_fetch(NPM_CONFIG_USERCONFIG=str(npmrc), npm_config_registry="http://127.0.0.1:1").returncode, 0)

    def test_what_only_the_tests_need_comes_only_when_asked_for(self):
        runtime = self.tarball({"package/bin/tool": "t", "package/lib/a.js": "a", "package/lib/a.d.ts": "d"}, mode=0o755)
        helper = self.tarball({"package/b.js": "b"})
        (self.packaging / "test-packages.txt").write_text(
            self.offer("1.0", {"pkg/a.bin": "a"}) + "\n" + "".join(
                f"{name} --hash=sha256:{hashlib.sha256(data).hexdigest()}\n"
                for name, data in (("@scope/thing@2.0", runtime), ("@scope/other@3.0", helper))))
        with (self.packaging / "contents.txt").open("a") as contents:
            contents.write("@scope/*  package/*  package/  js/{name}\n@scope/*  !*.d.ts  -  -\n")
        self.assertEqual(self.run_fetch(npm_config_registry="http://127.0.0.1:1").returncode, 0)
        self.assertEqual(self.contents(), [])
        registry = self.serve({"/@scope/thing/-/thing-2.0.tgz": runtime, "/@scope/other/-/other-3.0.tgz": helper})
        done = self.run_fetch("--tests", npm_config_registry=registry)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.contents(), ["js/@scope/other/b.js", "js/@scope/thing/bin/tool", "js/@scope/thing/lib/a.js",
                                           "models/a.bin"])
        self.assertTrue(os.access(self.cache / "js/@scope/thing/bin/tool", os.X_OK))
        self.assertFalse(os.access(self.cache / "js/@scope/other/b.js", os.X_OK))
        self.assertEqual(self.run_fetch().returncode, 0)
        self.assertIn("js/@scope/other/b.js", self.contents())

    def test_an_npm_package_with_another_hash_is_refused(self):
        self.npm_package({"package/a.bin": "a"})
        registry = self.serve({"/@scope/thing/-/thing-2.0.tgz": self.tarball({"package/a.bin": "tampered"})})
        done = self.run_fetch(npm_config_registry=registry)
        self.assertEqual(done.returncode, 1)
        self.assertIn("not the pinned package", done.stderr)
        self.assertEqual(self.contents(), [])

    def test_an_npm_registry_that_does_not_have_it_is_named(self):
        self.npm_package({"package/a.bin": "a"})
        done = self.run_fetch(npm_config_registry=self.serve({}))
        self.assertEqual(done.returncode, 1)
        self.assertIn("/@scope/thing/-/thing-2.0.tgz", done.stderr)

    def test_a_path_in_a_tarball_that_leads_outside_is_refused(self):
        data = self.npm_package({"package/../../../evil.bin": "e"})
        done = self.run_fetch(npm_config_registry=self.serve({"/@scope/thing/-/thing-2.0.tgz": data}))
        self.assertEqual(done.returncode, 1)
        self.assertIn("leads outside", done.stderr)


if __name__ == "__main__":
    unittest.main()
