"""Where a release's chart comes from: a folder or archive of the program's, or a chart repository.

Where a repository does not answer, the sandbox's own chart of that name, at the version asked for, is served over
loopback in its place. An answer that helm does not like is passed on: it is never hidden behind the sandbox's chart.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from sandbox.providers.kubernetes.helm import Helm, HelmError, HelmTimeoutError

_PULL_SECONDS: Final = 120.0
"""For a repository for which nothing stands in."""
_NO_ANSWER: Final = re.compile(r'Get "[^"]+": (?!tls: |x509: |remote error: tls)(?P<reason>.+)')
"""Go's error of a request without an answer. A certificate that helm refuses is an answer."""
_NAMED: Final = "named"
"""What a repository is called in helm's list, for the one case that needs a list."""


@dataclass(frozen=True)
class Repository:
    """A release's repositoryOpts."""

    repo: str = ""
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    username: str = ""
    password: str = ""

    @property
    def is_address(self) -> bool:
        """Whether `repo` is an address, not the name of a repository that helm knows."""
        return bool(urlsplit(self.repo).scheme) or self.repo.startswith("/")


@dataclass(frozen=True)
class ChartRequest:
    """Which chart is asked for."""

    chart: str
    version: str = ""
    repository: Repository = Repository()
    devel: bool = False
    verify: bool = False
    keyring: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart on this machine, for as long as the operation's folder exists."""

    path: Path
    metadata: dict[str, Any]

    @property
    def version(self) -> str:
        """The chart's own version, which a constraint like `>= 1.13` was resolved to."""
        return str(self.metadata.get("version") or "")


class ChartSource:
    """Gets charts, and remembers those that came from a repository for as long as the plugin runs.

    `answer_seconds`: for a repository for which the sandbox's chart can stand in.
    """

    def __init__(self, answer_seconds: float = 10.0) -> None:
        self._answer_seconds = answer_seconds
        self._lock = threading.Lock()
        self._archives: dict[ChartRequest, tuple[str, bytes]] = {}

    def get(self, helm: Helm, request: ChartRequest, announce: Callable[[str], None]) -> Chart:
        """The chart, or HelmError in the words of helm. `announce` hears of it when the sandbox's chart is used."""
        path = _local(request)
        if path is None:
            path = self._fetched(helm, request, announce)
        elif request.verify:
            helm.run("verify", str(path), "--keyring", request.keyring)
        return Chart(path, yaml.safe_load(helm.run("show", "chart", str(path))))

    def _fetched(self, helm: Helm, request: ChartRequest, announce: Callable[[str], None]) -> Path:
        with self._lock:
            known = self._archives.get(request)
        if known is None:
            path = _pull_or_stand_in(helm, request, announce, self._answer_seconds)
            with self._lock:
                self._archives[request] = (path.name, path.read_bytes())
            return path
        name, content = known
        path = _folder(helm) / name
        path.write_bytes(content)
        return path


def _local(request: ChartRequest) -> Path | None:
    """The program's own chart: an archive, or a folder that has a Chart.yaml."""
    if request.repository.repo:
        return None
    path = Path(request.chart)
    if request.chart and path.exists() and (path.is_file() or (path / "Chart.yaml").exists()):
        return path.absolute()
    if path.is_absolute() or request.chart.startswith("."):
        raise HelmError(f'path "{request.chart}" not found')
    return None


def _pull_or_stand_in(
    helm: Helm, request: ChartRequest, announce: Callable[[str], None], answer_seconds: float
) -> Path:
    from sandbox.charts import own_chart, repository

    own = own_chart.find(request.chart) if request.repository.is_address else None
    if own is None:
        return _pull(helm, request, _PULL_SECONDS)
    try:
        return _pull(helm, request, answer_seconds)
    except HelmTimeoutError:
        reason = f"no answer within {answer_seconds:.0f} s"
    except HelmError as error:
        unanswered = _NO_ANSWER.search(str(error))
        if unanswered is None:
            raise
        reason = unanswered["reason"]
    with repository.serve() as address:
        arguments = [request.chart, "--repo", address, *_constraint(request)]
        try:
            path = _pulled(helm, arguments, _PULL_SECONDS)
        except HelmError as error:
            told = str(error).replace(address, request.repository.repo)
            raise HelmError(
                f"{told} (it does not answer: {reason}; the sandbox's own chart has the versions"
                f" {own.versions[-1]} to {own.versions[0]})"
            ) from None
    announce(
        f"chart repository {request.repository.repo} does not answer ({reason}); the sandbox's own chart is used:"
        f" {path.stem}"
    )
    return path


def _pull(helm: Helm, request: ChartRequest, limit: float) -> Path:
    """Get the chart from where it is asked for."""
    options = request.repository
    files = {"--ca-file": options.ca_file, "--cert-file": options.cert_file, "--key-file": options.key_file}
    tls = [word for flag, file in files.items() if file for word in (flag, file)]
    verify = ["--verify", "--keyring", request.keyring] if request.verify else []
    rest = [*_constraint(request), *verify]
    oci = request.chart.startswith("oci://")
    if options.username and options.password:
        login = ["--username", options.username, "--password-stdin", *tls]
        if oci:
            host = urlsplit(request.chart).netloc
            helm.run("registry", "login", host, *login, text=options.password, limit=limit)
        elif options.is_address:
            # `helm pull` takes a password from its command line only, where everyone on the machine can read it.
            helm.run("repo", "add", _NAMED, options.repo, *login, text=options.password, limit=limit)
            try:
                return _pulled(helm, [f"{_NAMED}/{request.chart}", *rest], limit)
            except HelmError as error:
                raise _as_if_unnamed(error, request) from None
    if oci or not options.repo:
        return _pulled(helm, [request.chart, *tls, *rest], limit)
    if options.is_address:
        return _pulled(helm, [request.chart, "--repo", options.repo, *tls, *rest], limit)
    chart = request.chart if "/" in request.chart else f"{options.repo}/{request.chart}"
    return _pulled(helm, [chart, *tls, *rest], limit)


def _pulled(helm: Helm, arguments: list[str], limit: float) -> Path:
    folder = _folder(helm)
    helm.run("pull", *arguments, "--destination", str(folder), limit=limit)
    return next(folder.glob("*.tgz"))


def _folder(helm: Helm) -> Path:
    folder = helm.folder / "chart"
    folder.mkdir(exist_ok=True)
    return folder


def _constraint(request: ChartRequest) -> list[str]:
    if request.version.strip():
        return ["--version", request.version.strip()]
    return ["--devel"] if request.devel else []


def _as_if_unnamed(error: HelmError, request: ChartRequest) -> HelmError:
    """Helm's error about a chart of a named repository as it words it about an address."""
    if f"not found in {_NAMED} index" not in str(error):
        return error
    version = f' version "{request.version.strip()}"' if request.version.strip() else ""
    return HelmError(f'chart "{request.chart}"{version} not found in {request.repository.repo} repository')
