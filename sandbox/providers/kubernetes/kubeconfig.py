"""Kubeconfig documents: which cluster, user and namespace they make active.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_FILES: Final = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


class KubeconfigError(ValueError):
    """The text is no kubeconfig, or what it makes active does not exist."""


@dataclass(frozen=True)
class Kubeconfig:
    """A kubeconfig, with the names that override what it makes active itself."""

    document: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    context_name: str = ""
    cluster_name: str = ""
    namespace_name: str = ""

    @classmethod
    def load(cls, path_or_text: str) -> "Kubeconfig":
        """A kubeconfig from a file's path, or from its contents (YAML or JSON)."""
        path = Path(path_or_text).expanduser() if path_or_text.startswith("~") else Path(path_or_text)
        try:
            text = path.read_text() if "\n" not in path_or_text and path.is_file() else path_or_text
        except OSError as error:
            if error.strerror != "File name too long":
                raise KubeconfigError(f"{path}: {error.strerror}") from None
            text = path_or_text
        return cls(_parse(text))

    @classmethod
    def ambient(cls) -> "Kubeconfig":
        """What kubectl would use: the files of KUBECONFIG merged, else ~/.kube/config. Of two values the first wins."""
        listed = [Path(name) for name in os.environ.get("KUBECONFIG", "").split(os.pathsep) if name]
        merged: dict[str, Any] = {"clusters": [], "contexts": [], "users": []}
        for path in listed or [Path("~/.kube/config").expanduser()]:
            if not path.is_file():
                continue
            document = _parse(path.read_text())
            for kind in ("clusters", "contexts", "users"):
                known = {entry["name"] for entry in merged[kind]}
                entries = [entry for entry in document.get(kind) or () if entry.get("name") not in known]
                merged[kind] += [_anchored(entry, path.parent) for entry in entries]
            merged["current-context"] = merged.get("current-context") or document.get("current-context")
        return cls(merged)

    def overridden(self, context: str = "", cluster: str = "", namespace: str = "") -> "Kubeconfig":
        """The same document with other names made active, where they are not empty."""
        return Kubeconfig(self.document, context, cluster, namespace)

    @property
    def context(self) -> Mapping[str, Any] | None:
        """The active context."""
        return self._named("contexts", "context", self.context_name or self.document.get("current-context") or "")

    @property
    def cluster(self) -> Mapping[str, Any] | None:
        """The active cluster's settings."""
        context = self.context
        if context is None:
            return None
        return self._named("clusters", "cluster", self.cluster_name or context.get("cluster") or "")

    @property
    def namespace(self) -> str:
        """The active namespace."""
        context = self.context or {}
        return self.namespace_name or context.get("namespace") or "default"

    def effective(self) -> dict[str, Any]:
        """One context, its cluster and user, nothing else: for clients that take a whole document."""
        if not self.document.get("clusters"):
            raise KubeconfigError("invalid configuration: no configuration has been provided")
        name = self.context_name or self.document.get("current-context") or ""
        context, cluster = self.context, self.cluster
        if context is None:
            raise KubeconfigError(f'context "{name}" does not exist')
        if cluster is None or not cluster.get("server"):
            raise KubeconfigError(f'cluster "{self.cluster_name or context.get("cluster")}" does not exist')
        user = context.get("user") or ""
        active = {"cluster": "active", "user": "active", "namespace": self.namespace}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name or "active",
            "contexts": [{"name": name or "active", "context": active}],
            "clusters": [{"name": "active", "cluster": dict(cluster)}],
            "users": [{"name": "active", "user": dict(self._named("users", "user", user) or {})}],
        }

    def _named(self, kind: str, member: str, name: str) -> Mapping[str, Any] | None:
        entries = self.document.get(kind) or ()
        return next((entry.get(member) or {} for entry in entries if entry.get("name") == name), None)


def _parse(text: str) -> dict[str, Any]:
    import yaml  # late: a plugin says its port before it needs any kubeconfig

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        raise KubeconfigError("yaml: the kubeconfig is not valid YAML or JSON") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise KubeconfigError("couldn't get version/kind; json parse error: the kubeconfig is no object")
    return document


def _anchored(entry: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """An entry whose files, relative to its own kubeconfig, are absolute."""
    anchored = dict(entry)
    for member in ("cluster", "user"):
        if isinstance(entry.get(member), Mapping):
            paths = {key: str(folder / entry[member][key]) for key in _FILES if entry[member].get(key)}
            anchored[member] = {**entry[member], **paths}
    return anchored
