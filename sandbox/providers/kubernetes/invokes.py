"""The provider's functions."""

from collections.abc import Mapping
from typing import Any

import yaml

from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.handler import ResourceError
from sandbox.providers.kubernetes.kinds import of_object


def invoke(token: str, arguments: Mapping[str, Any], cluster: Cluster) -> Any:
    """Run a function. Those that need helm or kustomize as a library are the genuine plugin's alone."""
    if token == "kubernetes:yaml:decode":  # noqa: S105 - a type token
        return decode_yaml(arguments.get("text"), arguments.get("defaultNamespace") or "", cluster)
    if token in ("kubernetes:helm:template", "kubernetes:kustomize:directory"):
        raise ResourceError(f"{token}: not supported by this stand-in for the kubernetes plugin")
    raise ResourceError(f'unknown Invoke type "{token}"')


def decode_yaml(text: Any, default_namespace: str, cluster: Cluster) -> list[dict[str, Any]]:
    """The objects of a manifest, lists as they are, with a namespace where they need one and name none."""
    if not isinstance(text, str):
        raise ResourceError("missing required field 'text' of type string")
    try:
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise ResourceError(f"failed to decode YAML: {getattr(error, 'problem', 'not YAML')}{where}") from None
    objects: list[dict[str, Any]] = []
    for document in documents:
        if document is None:
            continue
        if not isinstance(document, dict):
            raise ResourceError("failed to decode YAML: a document is no object")
        if document.get("kind") and document.get("apiVersion"):
            objects.append(document)
    for value in objects:
        metadata = value.setdefault("metadata", {})
        if default_namespace and not metadata.get("namespace") and _namespaced(value, cluster):
            metadata["namespace"] = default_namespace
    return objects


def _namespaced(value: Mapping[str, Any], cluster: Cluster) -> bool:
    from sandbox.providers.kubernetes.errors import ApiError, NoMatchError

    kind = of_object(value)
    if kind.namespaced is not None or cluster.unreachable:
        return kind.namespaced is not False
    try:
        return cluster.api.mapped(kind).namespaced
    except (ApiError, NoMatchError):
        return True
