"""A release as the cluster has it: what Helm recorded of its revision."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from sandbox.providers.kubernetes.helm import Helm, HelmError

Json = dict[str, Any]

_NOT_FOUND: Final = "release: not found"
_ANSWER_SECONDS: Final = 60.0
_LOADER: Final[type[Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one where PyYAML was built with it


@dataclass(frozen=True)
class ReleaseRecord:
    """One revision of a release."""

    status: Json
    """The Release's output `status`."""
    values: Json
    """The values that were given, not the chart's defaults."""
    resource_names: dict[str, list[str]]
    """Names of the objects in the manifest, by kind and version."""

    @classmethod
    def read(cls, helm: Helm, namespace: str, name: str, revision: int | None = None) -> "ReleaseRecord | None":
        """The last revision, or the one that is named. None: there is no such release."""
        which = [name, "--namespace", namespace, *(["--revision", str(revision)] if revision else [])]
        try:
            record = _asked(helm, "status", *which)
            chart = _asked(helm, "get", "metadata", *which)
        except HelmError as error:
            if _NOT_FOUND in str(error):
                return None
            raise
        status = {
            "appVersion": chart["appVersion"],
            "chart": chart["chart"],
            "name": record["name"],
            "namespace": record["namespace"],
            "revision": record["version"],
            "status": record["info"]["status"],
            "version": chart["version"],
        }
        return cls(status, record.get("config") or {}, _resource_names(record.get("manifest") or ""))

    @property
    def revision(self) -> int:
        """Counts from 1."""
        return int(self.status["revision"])


def _asked(helm: Helm, *question: str) -> Json:
    return json.loads(helm.run(*question, "--output", "json", limit=_ANSWER_SECONDS, after_cancellation=True))


def _resource_names(manifest: str) -> dict[str, list[str]]:
    names: dict[str, set[str]] = {}
    for document in _documents(manifest):
        group, _, _ = document["apiVersion"].rpartition("/")
        kind = f"{document['kind']}.{group}" if group else document["kind"]
        metadata = document.get("metadata") or {}
        namespace, name = metadata.get("namespace"), metadata.get("name", "")
        names.setdefault(f"{kind}/{document['apiVersion']}", set()).add(f"{namespace}/{name}" if namespace else name)
    return {kind: sorted(found) for kind, found in names.items()}


def _documents(manifest: str) -> Iterator[Mapping[str, Any]]:
    for document in yaml.load_all(manifest, Loader=_LOADER):
        if isinstance(document, Mapping) and document.get("kind") and document.get("apiVersion"):
            yield document
