"""Downloads packages of the npm registry, or of the one that npm's own settings name, without npm.

Those settings are npm_config_registry in the environment and `registry=` or `@scope:registry=` in the file
~/.npmrc (NPM_CONFIG_USERCONFIG) or /etc/npmrc. Registries that ask for a login are not spoken to.
"""

import hashlib
import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

DEFAULT = "https://registry.npmjs.org/"
SECONDS = 120
MAX_BYTES = 256 << 20


class Failure(Exception):
    """What went wrong and what to do, in one line."""


def settings() -> dict[str, str]:
    """The registries that are set, the first place that names one winning."""
    found = {}
    for name, value in os.environ.items():
        if name.lower() == "npm_config_registry" and value:
            found["registry"] = value
    own = os.environ.get("NPM_CONFIG_USERCONFIG") or os.path.expanduser("~/.npmrc")
    for file in (own, "/etc/npmrc"):
        try:
            lines = Path(file).read_text().splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        for line in lines:
            name, equals, value = (part.strip() for part in line.partition("="))
            if equals and (name == "registry" or name.endswith(":registry")):
                found.setdefault(name, value.strip("\"'"))
    return found


def address(name: str, version: str) -> str:
    scope, slash, plain = name.rpartition("/")
    known = settings()
    registry = (known.get(f"{scope}:registry") if slash else None) or known.get("registry") or DEFAULT
    return f"{registry.rstrip('/')}/{urllib.parse.quote(name, safe='@/')}/-/{plain}-{version}.tgz"


def download(pin: str, target: Path) -> None:
    """`pin`: name@version --hash=sha256:... Errors: Failure, with the remedy."""
    spec, wanted = pin.split()
    name, _, version = spec.rpartition("@")
    url = address(name, version)
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            data = answer.read(MAX_BYTES + 1)
    except (OSError, ValueError, http.client.HTTPException, urllib.error.URLError) as error:
        raise Failure(f"{spec} could not be downloaded from {url} ({error}): check the network and npm's settings "
                      "(registry in ~/.npmrc), then run this again") from error
    actual = f"--hash=sha256:{hashlib.sha256(data).hexdigest()}"
    if len(data) > MAX_BYTES or actual != wanted:
        raise Failure(f"{spec}: what {url} gives is not the pinned package ({actual}): check npm's registry setting")
    target.write_bytes(data)
