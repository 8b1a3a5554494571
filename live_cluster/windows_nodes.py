"""Warnings of what keeps the stack's Pods and drivers from the cluster's Windows nodes, already in the preview."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import pulumi

from components.rules import smb_driver
from components.rules import trident as trident_rules
from components.rules.windows_pods import OS_LABEL, untolerated
from live_cluster.api import Connection, Json, reason_of

_POD: Final = "kubernetes:core/v1:Pod"
_RELEASE: Final = "kubernetes:helm.sh/v3:Release"
_TOLERATIONS: Final = "anf-smb:windowsPods.tolerations"
_EVERY_TAINT: Final = ({"operator": "Exists"},)
# Kubernetes and cloud providers set these for a time: a node that starts, is cordoned or does not answer.
_PASSING: Final = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")
_NO_NODE: Final = (
    "The cluster has no Windows node now. Helm takes the drivers as ready without one, and Pods with a share stay "
    "Pending: `up` fails at a sample Pod once its time is over, unless a node pool grows from zero for it. Fix: a node "
    "pool of OS type Windows, or anf-smb:sampleWorkload: false"
)


class WindowsNodes:
    """The cluster's Windows nodes, which are listed once, before a Pod or a driver is created or changed.

    It warns and does not refuse: a node pool that grows from zero has no node yet, and its taints and labels are known
    to nobody but the autoscaler. It says nothing where the cluster is not known or cannot be read.
    """

    def __init__(self, cluster: Connection, needs: Mapping[str, Any]) -> None:
        """Take the needs of Windows Pods, as their spec: `nodeSelector` and `tolerations`."""
        self._cluster = cluster
        self._needs = needs
        self._listing: asyncio.Task[list[Json]] | None = None
        self._warned: set[str] = set()
        self._hook = pulumi.ResourceHook("windows-nodes", self._look, pulumi.ResourceHookOptions(on_dry_run=True))

    def warn_before(self, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        """Look at the nodes before a Pod or a release is created or changed."""
        if args.type_ in {_POD, _RELEASE}:
            hooks = args.opts.hooks = args.opts.hooks or pulumi.ResourceHookBinding()
            hooks.before_create = [*(hooks.before_create or []), self._hook]
            hooks.before_update = [*(hooks.before_update or []), self._hook]
        return pulumi.ResourceTransformationResult(args.props, args.opts)

    async def _look(self, args: pulumi.ResourceHookArgs) -> None:
        try:
            self._listing = self._listing or asyncio.ensure_future(self._list())
            nodes = await asyncio.shield(self._listing)
            warnings = [*warnings_of(args.type, args.new_inputs or {}, self._needs, nodes)]
        except Exception as error:  # of any plugin for credentials; a warning is not worth a failed run
            pulumi.log.debug(f"{args.name}: the Windows nodes are not known: {reason_of(error)}")
            return
        for warning in warnings:
            if warning not in self._warned:
                self._warned.add(warning)
                pulumi.log.warn(warning)

    async def _list(self) -> list[Json]:
        api = await self._cluster.api()
        if api is None:
            raise LookupError
        return await asyncio.to_thread(api.items, "/api/v1/nodes", labelSelector=f"{OS_LABEL}=windows")


def warnings_of(kind: str, inputs: Mapping[str, Any], needs: Mapping[str, Any], nodes: Sequence[Json]) -> Iterable[str]:
    """Yield a warning for what keeps a Pod, or a driver's Windows Pods, from the nodes."""
    if not nodes:
        yield _NO_NODE
    elif kind == _POD:
        spec = _mapping(inputs.get("spec"))
        labelled = _labelled(nodes, spec)
        if not labelled:
            labels = json.dumps(spec.get("nodeSelector"))
            yield (
                f"No Windows node has the labels {labels} now: the sample Pods stay Pending, unless a node pool with "
                "them grows from zero. Fix: anf-smb:windowsPods.nodeSelector with labels that a node pool has"
            )
        elif not _open(labelled, _listed(spec)):
            yield _refused("the sample Pods", labelled, _listed(spec), "They stay Pending", _way_out(labelled, spec))
    elif driver := _driver(inputs):
        name, tolerations, key = driver
        places = _open(_labelled(nodes, needs), _listed(needs))
        closed = [node for node in places or nodes if not _open([node], tolerations)]
        if closed and (places or len(closed) == len(nodes)):
            said = "No Pod mounts a share of this driver there, though Helm takes it as ready"
            yield _refused(f"{name}'s Windows Pods", closed, tolerations, said, key)


def _driver(inputs: Mapping[str, Any]) -> tuple[str, Sequence[Mapping[str, Any]], str] | None:
    """Return a driver's name, the tolerations of its Pods on Windows nodes, and the way out."""
    values, version = _mapping(inputs.get("values")), inputs.get("version")
    match inputs.get("chart"):
        case "csi-driver-smb":
            given = _mapping(values.get("windows")).get("tolerations")
            tolerations = [smb_driver.WINDOWS_TOLERATION] if given is None else given
            key = "anf-smb:smbDriver.values.windows.tolerations" if given is not None else _TOLERATIONS
            return "csi-driver-smb", tolerations, key
        case "trident-operator" if isinstance(version, str) and trident_rules.VERSION.holds(version):
            if not trident_rules.tolerates_on_windows(version):
                return "Trident", [], "anf-smb:trident.version 23.10.0 or later; before, they tolerate no taint"
            given = values.get("tridentNodePluginTolerations")
            return "Trident", given or _EVERY_TAINT, "anf-smb:trident.values.tridentNodePluginTolerations"
        case _:
            return None


def _refused(
    what: str, nodes: Sequence[Json], tolerations: Sequence[Mapping[str, Any]], then: str, way_out: str
) -> str:
    taints = sorted({taint for node in nodes for taint in untolerated(_lasting_taints(node), tolerations)})
    names = ", ".join(sorted(str(node["metadata"]["name"]) for node in nodes))
    return f"Taints of Windows nodes keep {what} away: {', '.join(taints)} ({names}). {then}. Fix: {way_out}"


def _way_out(nodes: Sequence[Json], spec: Mapping[str, Any]) -> str:
    """Return the key with the tolerations for the first node."""
    taints = [taint for taint in _lasting_taints(nodes[0]) if untolerated([taint], _listed(spec))]
    missing = [{key: taint[key] for key in ("key", "value", "effect") if taint.get(key)} for taint in taints]
    written = ", ".join(
        "{" + ", ".join(f"{key}: {json.dumps(value)}" for key, value in each.items()) + "}" for each in missing
    )
    return f"{_TOLERATIONS}: [{written}]"


def _open(nodes: Iterable[Json], tolerations: Sequence[Mapping[str, Any]]) -> list[Json]:
    return [node for node in nodes if not untolerated(_lasting_taints(node), tolerations)]


def _lasting_taints(node: Json) -> list[Mapping[str, Any]]:
    taints = node["spec"].get("taints") or []
    return [
        taint for taint in taints if taint["key"] == "node.kubernetes.io/os" or not taint["key"].startswith(_PASSING)
    ]


def _labelled(nodes: Iterable[Json], spec: Mapping[str, Any]) -> list[Json]:
    selector = _mapping(spec.get("nodeSelector"))
    return [node for node in nodes if selector.items() <= (node["metadata"].get("labels") or {}).items()]


def _listed(spec: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return spec.get("tolerations") or []


def _mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping; an empty one for what is not known in this preview."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
