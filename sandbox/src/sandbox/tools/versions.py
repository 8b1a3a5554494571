"""Which version a program is, and whether that will do. The rules are pure functions."""

import os
import re
from pathlib import Path

from semver import Version

from sandbox.tools.processes import TimeLimitError, capture

_VERSION = re.compile(r"\bv?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)")
_ASK_SECONDS = 10.0


def parse(text: str) -> Version | None:
    """The first version number in what a program says of itself."""
    match = _VERSION.search(text)
    if match is None or not Version.is_valid(match.group(1)):
        return None
    return Version.parse(match.group(1))


def good_enough(found: Version, wanted: Version) -> bool:
    """Semantic versioning: the same major version (below 1.0 the same minor one), and not older."""
    same_line = found.major == wanted.major and (wanted.major > 0 or found.minor == wanted.minor)
    return same_line and found >= wanted


def within_one_minor(client: Version, server: Version) -> bool:
    """Kubernetes' rule for kubectl: one minor version older or newer than the API server."""
    return client.major == server.major and abs(client.minor - server.minor) <= 1


def ask(program: Path, arguments: tuple[str, ...]) -> Version | None:
    """Run a program for its version; None where it is broken, silent or takes too long."""
    env = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = capture([str(program), *arguments], _ASK_SECONDS, env)
    except (OSError, TimeLimitError):
        return None
    return parse(answer.output) if answer.code == 0 else None
