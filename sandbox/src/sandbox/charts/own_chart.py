"""The sandbox's own charts, packaged at any version that their genuine repositories have, and at the same addresses.

A repository is an index.yaml and archives beside it (https://helm.sh/docs/topics/chart_repository/). The folder of a
chart holds what Helm expects, and `versions.yaml`: the addresses of the genuine repositories, the
versions, and the differences between these. Templates make the other differences themselves, by `.Chart.Version`.
"""

import gzip
import io
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from sandbox.charts import helm_cache

_FOLDER: Final = Path(__file__).resolve().parent
_VERSIONS: Final = "versions.yaml"


@dataclass(frozen=True)
class OwnChart:
    """One chart folder, named as the genuine chart."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def repositories(self) -> list[str]:
        """The addresses of the genuine chart's repositories."""
        return self._history["repositories"]

    @property
    def versions(self) -> list[str]:
        """As the genuine repository writes them, newest first."""
        return [str(version) for version in self._history["versions"]]

    def metadata(self, version: str) -> dict[str, Any]:
        metadata: dict[str, Any] = yaml.safe_load((self.folder / "Chart.yaml").read_text())
        rule = self._history.get("appVersion")
        metadata["version"] = version
        metadata["appVersion"] = re.sub(rule["from"], rule["to"], version) if rule else version
        for change in self._changes(version):
            if "kubeVersion" in change:
                metadata["kubeVersion"] = change["kubeVersion"]
        return metadata

    def package(self, version: str) -> bytes:
        """The chart's archive at a version: the same bytes whenever it is packed."""
        values: dict[str, Any] = yaml.safe_load((self.folder / "values.yaml").read_text())
        missing: list[str] = []
        for change in self._changes(version):
            values = _merged(values, change.get("values", {}))
            missing = change.get("without", missing)
        content = {
            "Chart.yaml": yaml.safe_dump(self.metadata(version)).encode(),
            "values.yaml": yaml.safe_dump(values).encode(),
        }
        for path in sorted(self.folder.rglob("*")):
            inner = path.relative_to(self.folder).as_posix()
            if path.is_file() and inner not in {*content, *missing, _VERSIONS}:
                content[inner] = path.read_bytes()
        return _archive({f"{self.name}/{inner}": data for inner, data in content.items()})

    @cached_property
    def _history(self) -> Mapping[str, Any]:
        return yaml.safe_load((self.folder / _VERSIONS).read_text())

    def _changes(self, version: str) -> Iterator[Mapping[str, Any]]:
        for change in self._history["changes"]:
            if _order(change["since"]) <= _order(version):
                yield change


def all_charts() -> list[OwnChart]:
    return [OwnChart(path.parent) for path in sorted(_FOLDER.glob(f"*/{_VERSIONS}"))]


def hosts() -> frozenset[str]:
    return frozenset(urlsplit(address).netloc for chart in all_charts() for address in chart.repositories)


def answer(address: str) -> bytes | None:
    """Return the content of an address below a repository; None if there is none. A genuine archive comes first."""
    folder, _, file = address.rpartition("/")
    for chart in all_charts():
        if folder in chart.repositories:
            if file == "index.yaml":
                return yaml.safe_dump(_index(chart)).encode()
            version = file.removeprefix(f"{chart.name}-").removesuffix(".tgz")
            if file == _archive_name(chart, version) and version in chart.versions:
                genuine = helm_cache.archive(chart.name, version)
                return genuine.read_bytes() if genuine else chart.package(version)
    return None


def _index(chart: OwnChart) -> Mapping[str, Any]:
    entries = [{**chart.metadata(version), "urls": [_archive_name(chart, version)]} for version in chart.versions]
    return {"apiVersion": "v1", "entries": {chart.name: entries}}


def _archive_name(chart: OwnChart, version: str) -> str:
    return f"{chart.name}-{version}.tgz"


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in str(version).removeprefix("v").split("."))


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay values over others as Helm does: maps key by key, anything else as a whole."""
    result = dict(under)
    for key, value in over.items():
        known = result.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            value = _merged(known, value)  # noqa: PLW2901
        result[key] = value
    return result


def _archive(files: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=archive, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as package,
    ):
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            package.addfile(entry, io.BytesIO(content))
    return archive.getvalue()
