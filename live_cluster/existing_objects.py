"""Refusals of a creation: the cluster has the object already.

A plugin before 4.29 takes over what exists without a word, and later ones report one object at a time.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pulumi

from components.guest.existing_objects import REFUSALS, state_migrations
from live_cluster.api import Api, Connection, Json, reason_of

_RELEASE: Final = "kubernetes:helm.sh/v3:Release"
_NAMESPACES: Final = "anf-smb:volumes[].namespace or anf-smb:dynamicClaims[].namespace"
_WAYS_OUT: Final = {
    "Namespace": f"use it as it is, by anf-smb:existingNamespaces, or another, by {_NAMESPACES}",
    "PersistentVolume": "create another, by anf-smb:volumes[].persistentVolume",
    "PersistentVolumeClaim": "create another, by anf-smb:volumes[].claim or anf-smb:dynamicClaims[].claim",
    "Pod": f"create none, by anf-smb:sampleWorkload: false, or elsewhere, by {_NAMESPACES}",
    "Secret": "create another, by anf-smb:smbUser.secretName, or elsewhere, by anf-smb:volumes[].namespace or "
    "anf-smb:trident.credentialsNamespace",
    "StorageClass": "create another, by anf-smb:pools[].storageClass",
    "TridentBackendConfig": "create another, by anf-smb:pools[].storageClass",
}
_DELETION: Final = "delete it, if nobody needs it"
_CREDENTIALS: Final = "create another, by anf-smb:pools[].storageClass"
"""The way out for the Secret of a backend, which is named by the backend's StorageClass."""


class _Singleton(NamedTuple):
    """What a cluster has only once."""

    switch: str
    """How a stack uses what the cluster has."""
    places: tuple[str, ...]
    """The objects and the lists that show it, with the query of a list."""


_SINGLETONS: Final = {
    "csi-driver-smb": _Singleton(
        "anf-smb:smbDriver.enabled: false",
        ("/apis/storage.k8s.io/v1/csidrivers/smb.csi.k8s.io",),
    ),
    "trident-operator": _Singleton(
        "anf-smb:trident.enabled: false",
        (
            "/apis/trident.netapp.io/v1/tridentorchestrators",
            # `tridentctl install` makes no orchestrator.
            "/apis/apps/v1/deployments?labelSelector=app=controller.csi.trident.netapp.io",
        ),
    ),
}
"""By chart."""


class ExistingObjects:
    """The objects of a cluster, looked up before the stack creates others of the same name."""

    def __init__(self, cluster: Connection) -> None:
        self._cluster = cluster
        self._hook = pulumi.ResourceHook("object-exists", self._check, pulumi.ResourceHookOptions(on_dry_run=True))

    def check_creations(self, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        """Refuse, already in the preview, to create an object of the cluster that exists."""
        if args.type_.startswith("kubernetes:") and not args.type_.endswith("Patch"):
            args.opts.hooks = args.opts.hooks or pulumi.ResourceHookBinding()
            args.opts.hooks.before_create = [*(args.opts.hooks.before_create or []), self._hook]
            args.opts.state_migrations = [*(args.opts.state_migrations or []), *(state_migrations() or [])] or None
        return pulumi.ResourceTransformationResult(args.props, args.opts)

    async def _check(self, args: pulumi.ResourceHookArgs) -> None:
        try:
            api = await self._cluster.api()
            found = await asyncio.to_thread(_existing, api, args) if api else None
        except Exception as error:  # of any plugin for credentials
            why = reason_of(error)
            pulumi.log.warn(f"{args.name}: whether it exists already is not known, before `up` creates it: {why}")
            return
        if found and not REFUSALS.is_replacement(args.urn):
            what, object_id, ways_out = found
            REFUSALS.add(args, what, ways_out, object_id, args.urn)


def _existing(api: Api, args: pulumi.ResourceHookArgs) -> tuple[str, str, str] | None:
    """Return what exists, its id for an import, and the ways out."""
    inputs: Mapping[str, Any] = args.new_inputs or {}
    if args.type == _RELEASE:
        return existing_release(api, inputs)
    metadata: Mapping[str, Any] = inputs["metadata"]
    name, namespace, kind = metadata.get("name"), metadata.get("namespace"), inputs["kind"]
    if not isinstance(name, str) or not isinstance(namespace, str | None):
        return None  # not known in this preview
    path = api.path(inputs["apiVersion"], kind, namespace, name)
    if path is None or api.get(path) is None:
        return None
    object_id = f"{namespace}/{name}" if namespace else name
    is_backends = kind == "Secret" and "clientID" in (inputs.get("stringData") or {})
    ways_out = _CREDENTIALS if is_backends else _WAYS_OUT.get(kind, _DELETION)
    return f"The {kind} {object_id}", object_id, ways_out


def existing_release(api: Api, inputs: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Return the Helm release of this name, or another one of the chart, its id for an import, and the ways out."""
    name, namespace, chart = inputs.get("name"), inputs.get("namespace"), inputs.get("chart")
    if not isinstance(name, str) or not isinstance(namespace, str):
        return None
    singleton = _SINGLETONS.get(str(chart))
    ways_out = f"use the one that the cluster has, by {singleton.switch}" if singleton else _DELETION
    kept = api.get(f"/api/v1/namespaces/{namespace}/secrets", labelSelector=f"owner=helm,name={name}") or {}
    secrets: Sequence[Json] = kept.get("items") or []
    statuses = [secret["metadata"]["labels"].get("status") for secret in secrets]
    if any(status != "uninstalled" for status in statuses):
        if "deployed" not in statuses:
            ways_out = f"helm uninstall {name} -n {namespace}, as its status is {statuses[-1]}"
        return f"The Helm release {namespace}/{name}", f"{namespace}/{name}", ways_out
    for kind, found in _listed(api, singleton.places if singleton else ()):
        if _owner(found) != (namespace, name) and not _is_owned(found):
            owner = "/".join(_owner(found)).strip("/") or "not a Helm release"
            return f"Another {chart} ({owner}), whose {kind} {found['metadata']['name']}", "", ways_out
    return None


def _listed(api: Api, places: Sequence[str]) -> Iterator[tuple[str, Json]]:
    """Yield each object at these places, with its kind."""
    for place in places:
        path, _, query = place.partition("?")
        answer = api.get(path, **dict(each.split("=", 1) for each in query.split("&") if each))
        if answer:
            kind = str(answer["kind"]).removesuffix("List")
            yield from ((kind, each) for each in answer.get("items", [answer]))


def _is_owned(found: Json) -> bool:
    """Return True for what an operator made, such as the Deployment of an orchestrator: the owner decides."""
    return bool(found["metadata"].get("ownerReferences"))


def _owner(found: Json) -> tuple[str, str]:
    """Return the Helm release of an object: Helm takes over what is left of the same release."""
    annotations = found["metadata"].get("annotations") or {}
    return annotations.get("meta.helm.sh/release-namespace", ""), annotations.get("meta.helm.sh/release-name", "")
