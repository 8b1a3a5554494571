"""The tools as their vendors publish them: quicker than a build, where their servers can be reached."""

import os
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.progress import Progress, Step, duration
from sandbox.tools.cache import DOWNLOADED, STAGING_VARIABLE, ToolCache
from sandbox.tools.catalogue import Tool, system
from sandbox.tools.errors import ToolchainError
from sandbox.tools.network import DownloadError, fetch
from sandbox.tools.processes import TimeLimitError, capture, run

_INSTALL_SECONDS = 600.0
_KWOK_RELEASES = "https://github.com/kubernetes-sigs/kwok/releases/download"
_HELM_RELEASES = "https://get.helm.sh"

_HOSTS = {
    "kwokctl": "github.com",
    "kwok": "github.com",
    "etcd": "github.com",
    "helm": "get.helm.sh",
    "pulumi": "get.pulumi.com",
    "kubectl": "dl.k8s.io",
}


def host(tool: Tool) -> str | None:
    """The server that publishes a tool, where one does."""
    if tool.name.startswith("kube-"):
        return "dl.k8s.io" if system()[0] == "linux" else "github.com"  # as kwokctl's own defaults are
    return _HOSTS.get(tool.name)


def download(tool: Tool, cache: ToolCache, kwokctl: Path | None, progress: Progress, position: str = "") -> Path:
    """Get a tool from its vendor and place it in the cache. With the lock held.

    Args:
        tool: which one.
        cache: where it goes.
        kwokctl: is asked where the control plane's binaries are published; None where it is not to be had itself.
        progress: told how far it is.
        position: which of how many this is, e.g. `3 of 9`.

    Raises:
        DownloadError: it cannot be had this way.

    """
    title = f"Downloading {tool.name} {tool.version}{f' ({position})' if position else ''}"
    with progress.step(title) as step, cache.staging() as staging:
        if tool.name == "pulumi":
            _install_pulumi(tool, staging, cache, step)
        else:
            _fetch_program(tool, staging, kwokctl, step)
        try:
            return cache.place(tool, staging, DOWNLOADED)
        except ToolchainError as error:
            raise DownloadError(str(error)) from error


def _install_pulumi(tool: Tool, staging: Path, cache: ToolCache, step: Step) -> None:
    """The SDK's own installer: the engine with its language plugins, into `<staging>/bin`.

    It fetches the vendor's script and runs it, neither with a time limit: so it runs in a process that has one.
    """
    log = cache.log("install-pulumi")
    argv = [sys.executable, "-m", "sandbox.tools.install_pulumi", str(staging), str(tool.version)]
    env = {**os.environ, STAGING_VARIABLE: str(staging), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with log.open("wb") as output:
        try:
            code = run(argv, output, _INSTALL_SECONDS, env=env, beat=lambda passed: step.update(duration(passed)))
        except TimeLimitError as error:
            raise DownloadError(f"Pulumi's installer: {error}") from error
    if code != 0:
        last = log.read_text("utf-8", "replace").strip().rpartition("\n")[2]
        raise DownloadError(f"Pulumi's installer failed: {last} (log: {log})")


def _fetch_program(tool: Tool, staging: Path, kwokctl: Path | None, step: Step) -> None:
    url, member, checksums = _address(tool, kwokctl)
    program = staging / "bin" / tool.name
    program.parent.mkdir()
    if member:
        archive = staging / urlsplit(url).path.rpartition("/")[2]
        fetch(url, archive, step, checksums)
        _extract(archive, member, program)
        archive.unlink()
    else:
        fetch(url, program, step, checksums)
    program.chmod(0o755)


def _address(tool: Tool, kwokctl: Path | None) -> tuple[str, str, str | None]:
    """Where the file is, which member of an archive the program is (none: the file itself), where its checksum is."""
    platform = "-".join(system())
    if tool.name in ("kwok", "kwokctl"):
        return f"{_KWOK_RELEASES}/v{tool.version}/{tool.name}-{platform}", "", None
    if tool.name == "helm":
        archive = f"{_HELM_RELEASES}/helm-v{tool.version}-{platform}.tar.gz"
        return archive, "helm", f"{archive}.sha256sum"
    if kwokctl is None:
        raise DownloadError(f"{tool.name} is published where kwokctl says, and kwokctl is missing")
    url, _, member = _artifacts(tool, kwokctl).get(tool.name, "").partition("#")
    if not url:
        raise DownloadError(f"kwokctl names no download of {tool.name}")
    if urlsplit(url).netloc == "dl.k8s.io":
        return url, member, f"{url}.sha256"
    return url, member, f"{url.rpartition('/')[0]}/SHA256SUMS" if tool.name == "etcd" else None


def _artifacts(tool: Tool, kwokctl: Path) -> Mapping[str, str]:
    """Kwokctl's defaults for the version wanted: the address of each of the control plane's binaries."""
    versions = (
        {"KWOK_ETCD_VERSION": f"{tool.version}"} if tool.name == "etcd" else {"KWOK_KUBE_VERSION": f"v{tool.version}"}
    )
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KWOK_")}
    argv = [str(kwokctl), "get", "artifacts", "--runtime", "binary", "--config", os.devnull]
    try:
        answer = capture(argv, 20, inherited | versions)
    except (OSError, TimeLimitError) as error:
        raise DownloadError(f"kwokctl does not say where {tool.name} is published: {error}") from error
    addresses = [line.strip() for line in answer.output.splitlines() if line.startswith("https://")]
    return {(url.partition("#")[2] or url.rpartition("/")[2]): url for url in addresses}


def _extract(archive: Path, member: str, target: Path) -> None:
    """Take one program out of an archive, wherever in it it lies."""
    try:
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as opened:
                name = next(name for name in opened.namelist() if name.rpartition("/")[2] == member)
                with opened.open(name) as source, target.open("wb") as file:
                    shutil.copyfileobj(source, file)
            return
        with tarfile.open(archive) as opened:
            entry = next(entry for entry in opened if entry.isfile() and entry.name.rpartition("/")[2] == member)
            source = opened.extractfile(entry)
            if source is None:
                raise StopIteration
            with source, target.open("wb") as file:
                shutil.copyfileobj(source, file)
    except StopIteration:
        raise DownloadError(f"{archive.name} holds no {member}") from None
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise DownloadError(f"{archive.name} cannot be unpacked: {error}") from error
