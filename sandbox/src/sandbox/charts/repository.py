"""The chart repositories that the sandbox can play: an index.yaml, and archives beside it.

https://helm.sh/docs/topics/chart_repository/
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml

from sandbox.charts.own_chart import OwnChart, all_charts


def hosts() -> frozenset[str]:
    """The hosts of the genuine repositories."""
    return frozenset(urlsplit(address).netloc for chart in all_charts() for address in chart.repositories)


def answer(address: str) -> bytes | None:
    """What is at an address below a repository; None: nothing."""
    folder, _, file = address.rpartition("/")
    for chart in all_charts():
        if folder in chart.repositories:
            if file == "index.yaml":
                return yaml.safe_dump(_index(chart)).encode()
            version = file.removeprefix(f"{chart.name}-").removesuffix(".tgz")
            if file == _archive(chart, version) and version in chart.versions:
                return chart.package(version)
    return None


def _index(chart: OwnChart) -> Mapping[str, Any]:
    entries = [{**chart.metadata(version), "urls": [_archive(chart, version)]} for version in chart.versions]
    return {"apiVersion": "v1", "entries": {chart.name: entries}}


def _archive(chart: OwnChart, version: str) -> str:
    return f"{chart.name}-{version}.tgz"
