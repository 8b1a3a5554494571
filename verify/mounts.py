"""The mounts of a Pod or a claim that a user names."""

from verify.errors import VerifyError
from verify.links import claims, csi_driver
from verify.stack.parts import Mount
from verify.world import World


def mounts_of(world: World, name: str, namespace: str | None) -> list[Mount]:
    """Return the mounts of the Pod or claim with that name.

    Raises:
        VerifyError: no namespace or several namespaces have one.

    """
    kind, _, name = name.rpartition("/")
    found = [
        *(_of_pods(world, name) if kind in {"", "pod", "pods"} else []),
        *(_of_claims(world, name) if kind in {"", "pvc", "claim", "persistentvolumeclaim"} else []),
    ]
    found = [mount for mount in dict.fromkeys(found) if namespace in {None, mount.namespace}]
    where = f" in namespace {namespace}" if namespace else ""
    if not found:
        known = ", ".join(f"{each.namespace}/{each.pod or each.claim}" for each in world.outputs.mounts)
        raise VerifyError(f"No Pod or claim '{name}'{where} mounts a share. The stack has: {known or 'none'}")
    namespaces = sorted({mount.namespace for mount in found})
    if len(namespaces) > 1:
        raise VerifyError(f"'{name}' is in {' and in '.join(namespaces)}: choose one with --namespace")
    return found


def _of_pods(world: World, name: str) -> list[Mount]:
    listed = world.cluster.select("/api/v1/pods", fieldSelector=f"metadata.name={name}")
    found = [Mount(str(pod["metadata"]["namespace"]), claim, name) for pod in listed for claim in claims.claims_of(pod)]
    expected = [Mount(*each.where, name) for each in world.outputs.mounts if each.pod == name]
    return [*found, *(mount for mount in expected if mount.namespace not in {other.namespace for other in found})]


def _of_claims(world: World, name: str) -> list[Mount]:
    listed = world.cluster.select("/api/v1/persistentvolumeclaims", fieldSelector=f"metadata.name={name}")
    places = {str(claim["metadata"]["namespace"]) for claim in listed}
    places |= {each.namespace for each in world.outputs.mounts if each.claim == name}
    return [Mount(place, name, _pod_on(world, place, name)) for place in sorted(places)]


def _pod_on(world: World, namespace: str, claim: str) -> str | None:
    """Return a Pod that mounts the claim, preferably one that is not ready; otherwise the stack's own Pod."""
    mounting = sorted(claims.pods_of(world.cluster, namespace, claim), key=csi_driver.ready)
    if mounting:
        return str(mounting[0]["metadata"]["name"])
    return next((each.pod for each in world.outputs.mounts if each.where == (namespace, claim)), None)
