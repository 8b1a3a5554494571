"""The provider resource itself: what it may say, and when another one must take its place."""

import json
import os
from collections.abc import Mapping
from typing import Any, Final

from sandbox.providers.kubernetes.handler import ResourceError
from sandbox.providers.kubernetes.kubeconfig import Kubeconfig, KubeconfigError
from sandbox.providers.kubernetes.settings import ProviderSettings
from sandbox.providers.values import UNKNOWN

_NAMES_CLUSTER: Final = ("kubeconfig", "context", "cluster")
_IDENTIFIER: Final = "clusterIdentifier"
_DEFAULT_PROVIDER: Final = "default"


def failures(urn: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with a provider's settings: pairs of property and reason."""
    try:
        ProviderSettings.read({key: value for key, value in values.items() if value is not UNKNOWN})
    except ResourceError as error:
        return [("", str(error))]
    if not _strict(values):
        return []
    found: list[tuple[str, str]] = []
    if urn.rpartition("::")[2].startswith(_DEFAULT_PROVIDER):
        found.append(("", "strict mode prohibits default provider"))
    found += [
        (key, f'strict mode requires Provider "{key}" argument')
        for key in ("kubeconfig", "context")
        if not values.get(key)
    ]
    return found


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Changed settings, and those of them that need a new provider and so new resources: another cluster's."""
    changed = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
    if not changed:
        return [], []
    replaces: list[str] = []
    identifier = (old.get(_IDENTIFIER), new.get(_IDENTIFIER))
    if all(identifier) and identifier[0] != identifier[1]:
        replaces.append(_IDENTIFIER)
    same_cluster = bool(identifier[1]) and identifier[0] == identifier[1]

    # Whether a value that is not known yet has changed nobody can say.
    unknown = next((key for key in _NAMES_CLUSTER if new.get(key) is UNKNOWN), None)
    if unknown is not None:
        changed, replaces = [unknown], [*replaces, unknown]
    else:
        before, after = _active_cluster(old), _active_cluster(new)
        if before is not None and after is not None and before != after:
            replaces += [key for key in _NAMES_CLUSTER if key in changed]
    return changed, [] if same_cluster else replaces


def _active_cluster(values: Mapping[str, Any]) -> Mapping[str, Any] | None:
    given = values.get("kubeconfig")
    text = json.dumps(given) if isinstance(given, Mapping) else given
    if not isinstance(text, str) or not text:
        return None
    try:
        loaded = Kubeconfig.load(text)
    except KubeconfigError as error:
        raise ResourceError(f"failed to parse kubeconfig: {error}") from None
    names = {key: values.get(key) for key in ("context", "cluster")}
    return loaded.overridden(**{key: value for key, value in names.items() if isinstance(value, str)}).cluster


def _strict(values: Mapping[str, Any]) -> bool:
    given = values.get("strictMode")
    if given is None:
        try:
            given = json.loads(os.environ.get("PULUMI_CONFIG") or "{}").get("strictMode")
        except ValueError:
            return False
    return given in (True, "true")
