"""What the drivers in this folder share: programs of others, in an environment of their own, beside a server of ours."""
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("SIGHTLINE_PROGRAM", ROOT / "build/release/bin/sightline"))


def run(*command, env=None, **more):
    """Standard output; an error holds what the program said."""
    done = subprocess.run([str(word) for word in command], capture_output=True, env={**os.environ, **(env or {})},
                          timeout=600, check=False, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}: {done.stderr.decode()[-350:]}")
    return done.stdout


def python_of(folder, packages):
    """The Python of an environment in `folder`, with what of the packages can be had: name and what pip is asked for."""
    python = folder / "venv/bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    for package, wanted in sorted(packages.items()):
        there = subprocess.run([python, "-m", "pip", "-q", "show", package], capture_output=True, check=False)
        if there.returncode != 0:
            subprocess.run([python, "-m", "pip", "-q", "install", wanted], check=False)
    return python


def serve(*flags, listen="127.0.0.1:0"):
    """A server of its own that keeps nothing: the process, and its endpoint."""
    process = subprocess.Popen([PROGRAM, "serve", "--listen", listen, "--json", "--ephemeral", *flags],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8")
    return process, json.loads(process.stdout.readline())["endpoint"]


def forget_aws_settings():
    """Settings for AWS itself are none for these."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
