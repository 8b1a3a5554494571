"""The vendors' own builds: quicker than a build here, where their servers answer."""

import hashlib
import os
import shutil
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sandbox.progress import Progress, Step, duration
from sandbox.tools.cache import ToolCache
from sandbox.tools.catalogue import Tool, Vendor
from sandbox.tools.errors import ToolchainError
from sandbox.tools.toolchain import ResolvedTool

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
        """Return the hosts that do not answer within seconds, and why. All are asked at once, each once in a run."""
        hosts = set(hosts)
        if os.environ.get(OFFLINE_VARIABLE, "") not in ("", "0"):
            return dict.fromkeys(hosts, f"{OFFLINE_VARIABLE} is set")
        # Daemon threads, not a pool: looking a name up cannot be interrupted, and must not hold this process up.
        new = hosts - self._reasons.keys()
        threads = [threading.Thread(target=self._ask, args=(host,), daemon=True) for host in new]
        self._reasons |= dict.fromkeys(new, f"no answer within {_PROBE_SECONDS:.0f} s")
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + _PROBE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return {host: reason for host in hosts if (reason := self._reasons[host])}

    def give_up(self, host: str, reason: str) -> None:
        self._reasons[host] = reason

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


def download(tool: Tool, vendor: Vendor, cache: ToolCache, progress: Progress) -> ResolvedTool:
    """Download a tool from its vendor and place it in the cache. With the lock held."""
    address = tool.published(vendor.address)
    checksums = tool.published(vendor.checksums)
    with progress.step(f"Downloading {tool.name} {tool.editions['download']}") as step, cache.staging() as staging:
        folder = staging / "bin"
        folder.mkdir()
        if address.endswith((".tar.gz", ".zip")):
            archive = staging / address.rpartition("/")[2]
            _fetch(address, archive, step, checksums)
            _unpack(archive, tool.name, folder)
        else:
            _fetch(address, folder / tool.name, step, checksums)
        for file in folder.iterdir():
            file.chmod(0o755)
        try:
            return cache.place(tool, staging, "download", "download")
        except ToolchainError as error:
            raise DownloadError(str(error)) from error


def _fetch(url: str, target: Path, step: Step, checksums: str) -> None:
    """Download a file, whole and of the published checksum."""
    import httpx  # noqa: PLC0415  see above

    name = urlsplit(url).path.rpartition("/")[2]
    try:
        # 15 s without a byte, or 15 min in all, is a hang; release pages hand files out by redirects.
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
    """Read a file with one sum, or one of `sum  name` lines."""
    response = client.get(url)
    response.raise_for_status()
    for line in response.text.splitlines():
        words = line.split()
        if words and len(words[0]) == 64 and (len(words) == 1 or words[-1].lstrip("*") == name):
            return words[0].lower()
    raise DownloadError(f"{urlsplit(url).netloc} publishes no checksum of {name}")


def _unpack(archive: Path, name: str, folder: Path) -> None:
    """Move a program out of an archive, and what belongs to it: the engine's language plugins."""
    unpacked = archive.with_name("unpacked")
    try:
        if archive.suffix == ".gz":  # the filter refuses what would lie outside the folder; zip files need none
            shutil.unpack_archive(archive, unpacked, filter="data")
        else:
            shutil.unpack_archive(archive, unpacked)
    except (shutil.ReadError, tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise DownloadError(f"{archive.name} cannot be unpacked: {error}") from error
    for file in unpacked.rglob("*"):
        if file.is_file() and (file.name == name or file.name.startswith(f"{name}-")):
            file.replace(folder / file.name)
    shutil.rmtree(unpacked)
    archive.unlink()
    if not (folder / name).exists():
        raise DownloadError(f"{archive.name} holds no {name}")
