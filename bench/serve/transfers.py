#!/usr/bin/env python3
"""What large objects cost: PutObject and GetObject of 256 MiB by one client and by eight at once, in MB a second and in
CPU seconds of the server for each GB. Several programs take turns, so that they share the machine's moods:

    bench/serve/transfers.py build/release/bin/sightline other/sightline
"""
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/wire"))
from signer import Signer  # noqa: E402

SIZE = 256 << 20
ROUNDS = 3
BLOCK = bytes(range(256)) * 4096


class Server:
    def __init__(self, program):
        self.process = subprocess.Popen([program, "serve", "--listen", "127.0.0.1:0", "--json", "--ephemeral"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.address = urlsplit(json.loads(self.process.stdout.readline())["endpoint"])
        self.ask("PUT", "/large")

    def cpu(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ask(self, method, path, size=0):
        """Sends so many bytes, drops the answer; returns its body's length."""
        headers = {"host": self.address.netloc, "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
        Signer("test", "test").authorize(method, path, headers)
        headers |= {"Content-Length": size, "Connection": "close"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        got, into = 0, bytearray(1 << 20)
        with socket.create_connection((self.address.hostname, self.address.port)) as connection:
            connection.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode())
            for _ in range(size // len(BLOCK)):
                connection.sendall(BLOCK)
            while count := connection.recv_into(into):
                if got == 0 and not into.startswith(b"HTTP/1.1 200 "):
                    raise RuntimeError(bytes(into[:count]).decode())
                got += count
        return got

    def measure(self, method, clients):
        size = SIZE // clients
        begin, cpu = time.monotonic(), self.cpu()
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(lambda i: self.ask(method, f"/large/{clients}-{i}", size if method == "PUT" else 0),
                          range(clients)))
        return SIZE / 1e6 / (time.monotonic() - begin), (self.cpu() - cpu) / (SIZE / 1e9)


def main():
    servers = [(program, Server(program)) for program in sys.argv[1:]]
    for clients in (1, 8):
        for method in ("PUT", "GET"):
            figures = {program: [] for program, _ in servers}
            for _ in range(ROUNDS):
                for program, server in servers:
                    figures[program].append(server.measure(method, clients))
            for program, rounds in figures.items():
                print(f"{method}, {clients} at once: {max(rate for rate, _ in rounds):.0f} MB/s at best, "
                      f"{statistics.median(cpu for _, cpu in rounds):.2f} CPU s/GB  {program}", flush=True)
    for _, server in servers:
        server.process.terminate()
        server.process.wait()


if __name__ == "__main__":
    main()
