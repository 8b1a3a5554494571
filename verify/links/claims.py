"""Checks of claims and PersistentVolumes: their binding, their source and their size."""

import re
from collections import defaultdict
from typing import Final

from kubernetes.utils.quantity import parse_quantity

from verify.clients.azure import Azure
from verify.clients.cluster import Cluster, Json
from verify.links.anf import GIB, VOLUME_MISSING, serving, size
from verify.links.csi_driver import SMB
from verify.links.events import event_message, telling_event
from verify.links.share_path import attribute
from verify.links.trident_troubles import PROVISIONING
from verify.stack.parts import StaticMount
from verify.trouble import BrokenError, Trouble, matching_trouble

CLAIM_MISSING: Final = Trouble(
    "claim-missing",
    '`persistentvolumeclaims "…" not found`',
    "the claim was deleted",
    "remove the reference to the deleted claim from its PersistentVolume, and create the claim: "
    '`kubectl patch pv {pv} --type merge -p \'{{"spec":{{"claimRef":{{"uid":null,"resourceVersion":null}}}}}}\'`, '
    "`pulumi up --refresh --stack {stack}`",
    pattern=r"persistentvolumeclaims? \"[^\"]*\" not found",
)
CLAIM_PENDING: Final = Trouble(
    "claim-pending",
    "the claim stays Pending",
    "no PersistentVolume matches it, or its provisioner failed; its events give the reason",
    "`kubectl describe pvc {claim} -n {namespace}`",
)
CLAIM_TERMINATING: Final = Trouble(
    "claim-terminating",
    "the claim stays Terminating (finalizer kubernetes.io/pvc-protection)",
    "it was deleted while Pods use it; Kubernetes removes it after the last of these Pods",
    "`kubectl delete pod {pods} -n {namespace}`, "
    "`kubectl wait --for=delete pvc/{claim} -n {namespace} --timeout=60s`, "
    '`kubectl patch pv {pv} --type merge -p \'{{"spec":{{"claimRef":{{"uid":null,"resourceVersion":null}}}}}}\'`, '
    "`pulumi up --refresh --stack {stack}`",
)
PV_MISSING: Final = Trouble(
    "pv-missing",
    "the claim is Lost, or Pending with a volumeName",
    "its PersistentVolume was deleted; the data in Azure remains",
    "`kubectl delete pvc {claim} -n {namespace} --wait=false`, `kubectl delete pod {pods} -n {namespace}`, "
    "`kubectl wait --for=delete pvc/{claim} -n {namespace} --timeout=60s`, "
    "`pulumi up --refresh --stack {stack}`",
)
PV_RELEASED: Final = Trouble(
    "pv-released",
    "PersistentVolume Released, a new claim of the same name Pending",
    "the claim was deleted and created again; the PersistentVolume still belongs to the old claim (claimRef)",
    "remove the reference to the old claim: "
    '`kubectl patch pv {pv} --type merge -p \'{{"spec":{{"claimRef":{{"uid":null,"resourceVersion":null}}}}}}\'`',
)
OTHER_DRIVER: Final = Trouble(
    "pv-other-driver",
    "spec.csi.driver of the PersistentVolume is another driver",
    "this program did not create the PersistentVolume",
    "`kubectl delete pvc {claim} -n {namespace} --wait=false`, `kubectl delete pod {pods} -n {namespace}`, "
    "`kubectl delete pv {pv}` (the data remains in Azure), `pulumi up --refresh --stack {stack}`",
)
TRAILING_SLASH: Final = Trouble(
    "source-trailing-slash",
    "`The parameter is incorrect`",
    "the PersistentVolume's source ends with a slash; Windows cannot map such a path",
    "a source is immutable: "
    "`kubectl delete pvc {claim} -n {namespace} --wait=false`, `kubectl delete pod {pods} -n {namespace}`, "
    "`kubectl delete pv {pv}` (the data remains in Azure), `pulumi up --refresh --stack {stack}`",
)
SOURCE_FORM: Final = Trouble(
    "source-malformed",
    "`The parameter is incorrect`, `source field is missing`",
    r"the PersistentVolume's source is not \\server\share",
    "`kubectl delete pvc {claim} -n {namespace} --wait=false`, `kubectl delete pod {pods} -n {namespace}`, "
    "`kubectl delete pv {pv}` (the data remains in Azure), `pulumi up --refresh --stack {stack}`",
    pattern=r"source field is missing|invalid source path",
)
OTHER_SERVER: Final = Trouble(
    "source-other-server",
    "`The network path was not found`, though the nodes resolve the volume's own name",
    "the server in the PersistentVolume's source is not the volume's smbServerFqdn",
    "`kubectl delete pvc {claim} -n {namespace} --wait=false`, `kubectl delete pod {pods} -n {namespace}`, "
    "`kubectl delete pv {pv}` (the data remains in Azure), `pulumi up --refresh --stack {stack}`",
)
OTHER_SHARE: Final = Trouble(
    "source-other-share",
    "`The network name cannot be found`, or another share's files",
    "the share in the PersistentVolume's source is not the volume's creationToken",
    "`kubectl delete pvc {claim} -n {namespace} --wait=false`, `kubectl delete pod {pods} -n {namespace}`, "
    "`kubectl delete pv {pv}` (the data remains in Azure), `pulumi up --refresh --stack {stack}`",
)
SIZE_DIFFERS: Final = Trouble(
    "size-differs",
    "PersistentVolume and claim show another size than Azure",
    "the volume was resized outside the stack",
    "set sizeGiB in the stack file to the new size, then `pulumi up --refresh --stack {stack}`",
)
TROUBLES: Final = (
    CLAIM_MISSING,
    CLAIM_PENDING,
    CLAIM_TERMINATING,
    PV_MISSING,
    PV_RELEASED,
    OTHER_DRIVER,
    TRAILING_SLASH,
    SOURCE_FORM,
    OTHER_SERVER,
    OTHER_SHARE,
    SIZE_DIFFERS,
)


def claim_bound(cluster: Cluster, namespace: str, name: str) -> str:
    """Check that a claim and its PersistentVolume are bound to each other."""
    claim = find_claim(cluster, namespace, name)
    if claim is None:
        kept = (pv for pv in cluster.select("/api/v1/persistentvolumes") if _is_for(pv, namespace, name))
        pv = next((str(each["metadata"]["name"]) for each in kept), "")
        raise BrokenError(CLAIM_MISSING, f"no claim {namespace}/{name}", claim=name, namespace=namespace, pv=pv)
    names = {"pv": "volumeName", "storage_class": "storageClassName"}
    values = {key: str(claim["spec"].get(field) or "") for key, field in names.items()}
    values |= {"claim": name, "namespace": namespace, "pods": pod_names(cluster, namespace, name)}
    if "deletionTimestamp" in claim["metadata"]:
        finalizers = ", ".join(claim["metadata"].get("finalizers") or []) or "no finalizer"
        raise BrokenError(CLAIM_TERMINATING, f"Terminating, held by {finalizers}", **values)
    phase = str((claim.get("status") or {}).get("phase", ""))
    volume = persistent_volume(cluster, claim)
    if values["pv"] and volume is None:
        raise BrokenError(PV_MISSING, f"{phase}; no PersistentVolume {values['pv']}", **values)
    reference: Json = ((volume or {}).get("spec") or {}).get("claimRef") or {}
    if volume and reference.get("uid") and reference["uid"] != claim["metadata"]["uid"]:
        state = volume["status"].get("phase")
        raise BrokenError(PV_RELEASED, f"{phase}; {values['pv']} is {state} and belongs to an earlier claim", **values)
    if phase != "Bound" or volume is None or volume["status"].get("phase") != "Bound":
        reasons = ("ProvisioningFailed", "FailedBinding", "VolumeMismatch", "ClaimMisbound")
        message = event_message(telling_event(claim, cluster, *reasons))
        trouble = matching_trouble(PROVISIONING, message, CLAIM_PENDING)
        raise BrokenError(trouble, f"{phase}{': ' if message else ''}{message}", **values)
    return f"Bound to {values['pv']}, {claim['status']['capacity']['storage']}"


def source(cluster: Cluster, azure: Azure, share: StaticMount) -> str:
    """Check that the PersistentVolume's source is the volume's path in Azure and in the outputs."""
    volume = bound_volume(cluster, share.namespace, share.claim)
    name = str(volume["metadata"]["name"])
    values = replacing(cluster, share.namespace, share.claim, name)
    csi: Json = volume["spec"].get("csi") or {}
    if csi.get("driver") != SMB.name:
        raise BrokenError(OTHER_DRIVER, f"{name} has driver {csi.get('driver')}", **values)
    path = attribute(csi, "source")
    server, token = split_source(path, **values)
    found = serving(azure, share.volume_id, VOLUME_MISSING, **values)
    if server.lower() != found.fqdn.lower():
        raise BrokenError(OTHER_SERVER, f"{path}, but the volume's server is {found.fqdn}", **values)
    if token != found.creation_token:
        raise BrokenError(OTHER_SHARE, f"{path}, but the volume's share is {found.creation_token}", **values)
    if path.replace("/", "\\").lower() != share.unc_path.lower():
        raise BrokenError(OTHER_SHARE, f"{path}, but uncPath in the outputs is {share.unc_path}", **values)
    return f"{name}: {path}"


def split_source(path: str, pv: str, **values: str) -> tuple[str, str]:
    """Return the server and the share of a source.

    Raises:
        BrokenError: Windows cannot map the path.

    """
    if path.endswith(("/", "\\")):
        raise BrokenError(TRAILING_SLASH, f"{pv}: {path}", pv=pv, **values)
    parts = re.fullmatch(r"[/\\]{2}([^/\\]+)[/\\]([^/\\]+)(?:[/\\][^/\\]+)*", path)
    if not parts:
        raise BrokenError(SOURCE_FORM, f"{pv}: {path or 'no source'}", pv=pv, **values)
    return parts[1], parts[2]


def sizes(cluster: Cluster, azure: Azure, namespace: str, claim_name: str, volume_id: str) -> str:
    """Check that PersistentVolume and claim have the volume's size in Azure."""
    volume = bound_volume(cluster, namespace, claim_name)
    claim = find_claim(cluster, namespace, claim_name)
    quota = serving(azure, volume_id).size
    shown = quantity(volume["spec"]["capacity"]["storage"])
    wanted = quantity(claim["spec"]["resources"]["requests"]["storage"]) if claim else 0
    seen = f"{size(quota)} in Azure, {size(shown)} in Kubernetes"
    # Trident shows the requested size and rounds the volume up to whole GiB.
    if not shown <= quota < shown + GIB or wanted > quota:
        raise BrokenError(SIZE_DIFFERS, f"{seen}, {size(wanted)} claimed" if wanted > quota else seen)
    return size(quota)


def bound_volume(cluster: Cluster, namespace: str, claim_name: str) -> Json:
    """Return the PersistentVolume of a claim; raise `BrokenError` without one."""
    claim = find_claim(cluster, namespace, claim_name)
    volume = persistent_volume(cluster, claim) if claim else None
    if volume is None:
        seen, values = f"claim {claim_name} has no PersistentVolume", {"claim": claim_name, "namespace": namespace}
        raise BrokenError(PV_MISSING, seen, **values, pods=pod_names(cluster, namespace, claim_name))
    return volume


def find_claim(cluster: Cluster, namespace: str, name: str) -> Json | None:
    """Return a claim, or None."""
    return cluster.member(f"/api/v1/namespaces/{namespace}/persistentvolumeclaims", name)


def persistent_volume(cluster: Cluster, claim: Json) -> Json | None:
    """Return the PersistentVolume that a claim names, or None."""
    name = str(claim["spec"].get("volumeName") or "")
    return cluster.member("/api/v1/persistentvolumes", name) if name else None


def _is_for(pv: Json, namespace: str, name: str) -> bool:
    reference: Json = pv["spec"].get("claimRef") or {}
    return (reference.get("namespace"), reference.get("name")) == (namespace, name)


def pods_of(cluster: Cluster, namespace: str, claim_name: str) -> list[Json]:
    """Return the Pods that mount a claim, without completed Pods."""
    mounting = cluster.once(f"Pods by claim in {namespace}", lambda: _by_claim(cluster, namespace))
    return mounting.get(claim_name, [])


def _by_claim(cluster: Cluster, namespace: str) -> dict[str, list[Json]]:
    """Return the Pods of a namespace by the claims that they mount, without completed Pods."""
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for pod in cluster.select(f"/api/v1/namespaces/{namespace}/pods"):
        if (pod.get("status") or {}).get("phase") not in {"Succeeded", "Failed"}:
            for claim in dict.fromkeys(claims_of(pod)):
                found[claim].append(pod)
    return dict(found)


def pod_names(cluster: Cluster, namespace: str, claim_name: str) -> str:
    """Return the names of the Pods that mount a claim, for a command."""
    return " ".join(str(pod["metadata"]["name"]) for pod in pods_of(cluster, namespace, claim_name))


def replacing(cluster: Cluster, namespace: str, claim_name: str, pv: str) -> dict[str, str]:
    """Return the values of a fix that replaces a PersistentVolume, with its claim and the Pods on that."""
    return {"claim": claim_name, "namespace": namespace, "pods": pod_names(cluster, namespace, claim_name), "pv": pv}


def claims_of(pod: Json) -> list[str]:
    """Return the names of the claims that a Pod mounts."""
    volumes: list[Json] = pod["spec"].get("volumes") or []
    return [str(each["persistentVolumeClaim"]["claimName"]) for each in volumes if "persistentVolumeClaim" in each]


def quantity(text: str) -> int:
    """Return a Kubernetes quantity in bytes."""
    return int(parse_quantity(text))
