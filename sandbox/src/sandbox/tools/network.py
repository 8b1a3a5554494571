"""Vendors' servers: whether they answer, and files from them."""

import hashlib
import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sandbox.progress import Step, duration

if TYPE_CHECKING:  # each function that asks imports it: every command of the sandbox starts by this module
    import httpx

OFFLINE_VARIABLE = "ANF_SANDBOX_OFFLINE"
"""Set to 1, no vendor's server is asked; package registries still are."""

_PROBE_SECONDS = 4.0
_STALL_SECONDS = 15.0
_FILE_SECONDS = 900.0
_CHUNK = 1 << 18


class DownloadError(Exception):
    """A vendor's file could not be had, or is not what it should be. The message is half a sentence, on one line."""

    def __init__(self, message: str) -> None:
        super().__init__(message.strip().partition("\n")[0])


class Vendors:
    """The vendors' servers during one run: one that has failed once is not asked again."""

    def __init__(self) -> None:
        self._reasons: dict[str, str | None] = {}

    def unreachable(self, hosts: Iterable[str]) -> dict[str, str]:
        """Which of the hosts do not answer within seconds, and why. All are asked at once, each once in a run."""
        hosts = set(hosts)
        if os.environ.get(OFFLINE_VARIABLE, "") not in ("", "0"):
            return dict.fromkeys(hosts, f"{OFFLINE_VARIABLE} is set")
        self._probe(hosts - self._reasons.keys())
        return {host: reason for host in hosts if (reason := self._reasons[host])}

    def give_up(self, host: str, reason: str) -> None:
        """Do not ask this one again."""
        self._reasons[host] = reason

    def _probe(self, hosts: Iterable[str]) -> None:
        # Daemon threads, not a pool: looking a name up cannot be interrupted, and must not hold this process up.
        threads = [threading.Thread(target=self._ask, args=(host,), daemon=True) for host in hosts]
        self._reasons |= dict.fromkeys(hosts, f"no answer within {_PROBE_SECONDS:.0f} s")
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + _PROBE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _ask(self, host: str) -> None:
        import httpx  # noqa: PLC0415  see above

        began = time.monotonic()
        try:
            with httpx.Client(timeout=_PROBE_SECONDS) as client:
                client.head(f"https://{host}/")
        except (httpx.HTTPError, OSError) as error:
            reason: str | None = str(error) or type(error).__name__
        else:
            reason = None
        if time.monotonic() - began < _PROBE_SECONDS:  # an answer after the verdict changes nothing
            self._reasons[host] = reason


def fetch(url: str, target: Path, step: Step, checksums: str | None = None) -> None:
    """Download a file, whole and of the published checksum.

    Args:
        url: where it is.
        target: the file to write.
        step: told how far it is.
        checksums: address of the vendor's SHA-256 sums, where it publishes them.

    Raises:
        DownloadError: it does not come, stops coming, is cut off, is a page of text, or has another checksum.

    """
    import httpx  # noqa: PLC0415  see above

    name = urlsplit(url).path.rpartition("/")[2]
    try:
        # 15 s without a byte, or 15 min in all, is a hang; redirects are how release pages hand files out.
        with httpx.Client(timeout=_STALL_SECONDS, follow_redirects=True) as client:
            expected = _published_checksum(client, checksums, name) if checksums else None
            actual = _stream(client, url, target, step)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise DownloadError(f"{name} from {urlsplit(url).netloc}: {error or type(error).__name__}") from error
    if expected and actual != expected:
        raise DownloadError(f"{name} from {urlsplit(url).netloc} does not have the checksum that is published for it")


def _stream(client: "httpx.Client", url: str, target: Path, step: Step) -> str:
    began = time.monotonic()
    digest = hashlib.sha256()
    with client.stream("GET", url) as response, target.open("wb") as file:
        response.raise_for_status()
        if response.headers.get("content-type", "").startswith("text/html"):
            raise DownloadError(f"{urlsplit(url).netloc} answers with a web page instead of the file")
        size = int(response.headers.get("content-length", 0))
        for chunk in response.iter_bytes(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
            passed = time.monotonic() - began
            if passed > _FILE_SECONDS:
                raise DownloadError(f"{urlsplit(url).netloc} is too slow: not done after {duration(passed)}")
            of = f" of {size / 1e6:.0f}" if size else ""
            step.update(f"{file.tell() / 1e6:.0f}{of} MB, {duration(passed)}")
    return digest.hexdigest()


def _published_checksum(client: "httpx.Client", url: str, name: str) -> str:
    """Either a file with one sum, or one of `sum  name` lines."""
    response = client.get(url)
    response.raise_for_status()
    for line in response.text.splitlines():
        words = line.split()
        if words and len(words[0]) == 64 and (len(words) == 1 or words[-1].lstrip("*") == name):
            return words[0].lower()
    raise DownloadError(f"{urlsplit(url).netloc} publishes no checksum of {name}")
