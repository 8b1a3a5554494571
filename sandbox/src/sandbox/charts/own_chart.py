"""A chart of the sandbox's own, packaged at any version that its genuine repository has.

The folder of a chart holds what Helm expects and `versions.yaml`, which says which versions there are and what differs
between them; templates make the rest of the differences themselves, by `.Chart.Version`.
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

import yaml

from sandbox.charts.values import merged

_FOLDER: Final = Path(__file__).resolve().parent
_VERSIONS: Final = "versions.yaml"


@dataclass(frozen=True)
class OwnChart:
    """One chart folder."""

    folder: Path

    @property
    def name(self) -> str:
        """The genuine chart's name, which is the folder's."""
        return self.folder.name

    @property
    def versions(self) -> list[str]:
        """As the genuine repository writes them, newest first."""
        return [str(version) for version in self._history["versions"]]

    def metadata(self, version: str) -> dict[str, Any]:
        """The chart's Chart.yaml at a version."""
        metadata: dict[str, Any] = yaml.safe_load((self.folder / "Chart.yaml").read_text())
        rule = self._history.get("appVersion")
        metadata["version"] = version
        metadata["appVersion"] = re.sub(rule["from"], rule["to"], version) if rule else version
        for change in self._changes(version):
            if "kubeVersion" in change:
                metadata["kubeVersion"] = change["kubeVersion"]
        return metadata

    def values(self, version: str) -> dict[str, Any]:
        """The chart's default values at a version."""
        values: dict[str, Any] = yaml.safe_load((self.folder / "values.yaml").read_text())
        for change in self._changes(version):
            values = merged(values, change.get("values", {}))
        return values

    def package(self, version: str) -> bytes:
        """The chart's archive at a version: the same bytes whenever it is made."""
        written = {
            "Chart.yaml": yaml.safe_dump(self.metadata(version)).encode(),
            "values.yaml": yaml.safe_dump(self.values(version)).encode(),
        }
        missing = self._missing(version)
        for path in sorted(self.folder.rglob("*")):
            inner = path.relative_to(self.folder).as_posix()
            if path.is_file() and inner not in {*written, *missing, _VERSIONS}:
                written[inner] = path.read_bytes()
        archive = io.BytesIO()
        with (
            gzip.GzipFile(fileobj=archive, mode="wb", mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as package,
        ):
            for inner, content in written.items():
                entry = tarfile.TarInfo(f"{self.name}/{inner}")
                entry.size = len(content)
                package.addfile(entry, io.BytesIO(content))
        return archive.getvalue()

    @cached_property
    def _history(self) -> Mapping[str, Any]:
        return yaml.safe_load((self.folder / _VERSIONS).read_text())

    def _changes(self, version: str) -> Iterator[Mapping[str, Any]]:
        """What differs at a version, oldest change first."""
        for change in self._history["changes"]:
            if _order(change["since"]) <= _order(version):
                yield change

    def _missing(self, version: str) -> frozenset[str]:
        """Files that the chart does not have at a version."""
        lists = [change["without"] for change in self._changes(version) if "without" in change]
        return frozenset(lists[-1] if lists else ())


def find(name: str) -> OwnChart | None:
    """The sandbox's own chart of that name."""
    return next((chart for chart in all_charts() if chart.name == name), None)


def all_charts() -> list[OwnChart]:
    """Every chart that the sandbox can stand in for."""
    return [OwnChart(path.parent) for path in sorted(_FOLDER.glob(f"*/{_VERSIONS}"))]


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in str(version).removeprefix("v").split("."))
