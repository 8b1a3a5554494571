"""The rules between the keys of the dynamic way (Trident and its claims), and with the static way."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from components import rules
from components.rules import trident as trident_rules
from configuration.backends import backend_inconsistencies, uses_trident
from configuration.errors import Problem, missing_key, value_problems
from configuration.kubernetes import DynamicClaimSettings, TridentSettings
from configuration.pools import Claims, Pools
from configuration.volumes import VolumeSettings

_TOLERATIONS = "tridentNodePluginTolerations"


def trident_inconsistencies(
    parts: Mapping[str, Any],
    pools: Pools,
    claims: Claims,
    volumes: Mapping[int, VolumeSettings],
    given: Collection[str],
) -> Iterator[Problem]:
    """Yield each contradiction between valid sections."""
    trident = parts.get("trident", TridentSettings())
    used = uses_trident(trident, pools.values(), claims)
    broken = "trident" in given and "trident" not in parts
    if used and trident.enabled is not False and trident.version is None and not broken:
        yield missing_key("anf-smb:trident.version", "100.2606.0")
    if used:
        yield from _authentication(trident, parts)
        yield from _roles(trident)
        yield from _release(trident)
        yield from _namespaces(trident, claims, volumes)
    yield from backend_inconsistencies(trident, pools, claims if used else {}, all_valid="pools" in parts)
    if trident.wipeout:
        yield from _wipeout(trident, claims)
    yield from _claims(trident, claims)


def _authentication(trident: TridentSettings, parts: Mapping[str, Any]) -> Iterator[Problem]:
    key, chosen = "anf-smb:trident", trident.authentication
    version = trident.version
    if version and chosen != trident_rules.CLIENT_SECRET and not trident_rules.has_cloud_identity(version):
        yield Problem(
            f"{key}.authentication",
            f'is "{chosen}", with version {version}',
            f"{trident_rules.CLIENT_SECRET}; the others need version 100.2402.0 or later",
            f"pulumi config set --path '{key}.authentication' {trident_rules.CLIENT_SECRET}, or a later version",
        )
    elif chosen == trident_rules.CLIENT_SECRET and trident.client_id is None:
        yield missing_key(f"{key}.clientId", "the application id of the app registration that Trident signs in with")
    elif chosen == trident_rules.MANAGED_IDENTITY and trident.client_id is not None:
        yield Problem(
            f"{key}.clientId",
            "is set",
            f"nothing with authentication {chosen}: Trident signs in with the identity of the cluster's nodes",
            f"pulumi config rm --path '{key}.clientId', or authentication {trident_rules.WORKLOAD_IDENTITY}",
        )
    elif trident.creates_identity and trident.enabled is not False:
        cluster = parts.get("cluster")
        if cluster and not cluster.aks:
            yield missing_key(
                f"{key}.clientId",
                "the client id of an identity that trusts Trident's service account; or name the cluster by "
                "anf-smb:cluster.aks, and the stack creates one",
            )


def _roles(trident: TridentSettings) -> Iterator[Problem]:
    key = "anf-smb:trident.principalId"
    if trident.principal_id is None:
        return
    if trident.enabled is not False and trident.creates_identity:
        yield Problem(
            key, "is set", "nothing with an identity that the stack creates, as it does without clientId", "remove it"
        )
    elif not trident.role_assignment:
        yield Problem(
            key, "is set, with roleAssignment: false", "one of the two", "remove it: somebody else assigns the roles"
        )


def _release(trident: TridentSettings) -> Iterator[Problem]:
    version = trident.version
    if version and _TOLERATIONS in trident.values and not trident_rules.tolerates_on_windows(version):
        yield Problem(
            f"anf-smb:trident.values.{_TOLERATIONS}",
            f"is set, with version {version}",
            "nothing: before 23.10 Trident's Windows Pods have no tolerations",
            "23.10.0 or later, or Windows nodes without taints",
        )
    yield from value_problems(
        "anf-smb:trident.values", trident_rules.breaking_values(trident.values, trident.authentication)
    )


def _namespaces(trident: TridentSettings, claims: Claims, volumes: Mapping[int, VolumeSettings]) -> Iterator[Problem]:
    """Check that no namespace serves both ways: each has its own Secret for mounts and its own Pod iis-pod."""
    static = {volume.namespace for volume in volumes.values()}
    places = {f"anf-smb:dynamicClaims[{index}].namespace": claim.namespace for index, claim in claims.items()}
    for key, namespace in {"anf-smb:trident.credentialsNamespace": trident.credentials_namespace, **places}.items():
        if namespace in static:
            yield Problem(
                key,
                f'is "{namespace}", where csi-driver-smb mounts volumes',
                "another namespace: the Secret for mounts differs between the two ways",
                f"pulumi config set --path '{key}' …",
            )


def _wipeout(trident: TridentSettings, claims: Claims) -> Iterator[Problem]:
    key = "anf-smb:trident.wipeout"
    if claims:
        yield Problem(
            key,
            "is true, with dynamicClaims",
            "true only after the claims are deleted: only Trident deletes their volumes",
            "three steps: protect: false with trident.enabled: true, which keeps Trident when the last claim goes, and "
            "`pulumi up`; dynamicClaims: [] and `pulumi up`; then wipeout",
        )
    elif not trident.enabled:
        yield Problem(
            key,
            "is true",
            "true only with anf-smb:trident.enabled: true, until Trident is removed",
            "pulumi config set --path 'anf-smb:trident.enabled' true",
        )


def _claims(trident: TridentSettings, claims: Claims) -> Iterator[Problem]:
    smallest = trident_rules.smallest_claim_gib(trident.version) if trident.version else 0
    for index, claim in claims.items():
        key = f"anf-smb:dynamicClaims[{index}]"
        if claim.size_gib < smallest:
            yield Problem(
                f"{key}.sizeGiB",
                f"is {claim.size_gib}, with Trident {trident.version}",
                f"{smallest} GiB or more: Trident before 24.10 creates no smaller volume",
                f"pulumi config set --path '{key}.sizeGiB' {smallest}, or a later anf-smb:trident.version",
            )
        if claim.claim is None and not rules.OBJECT_NAME.holds(claim.claim_name):
            yield Problem(
                f"{key}.claim",
                f'is "{claim.claim_name}" by default, from the name',
                rules.OBJECT_NAME.allowed,
                f"pulumi config set --path '{key}.claim' …, or choose another name",
            )
    unique: dict[str, Callable[[DynamicClaimSettings], object]] = {
        "name": lambda claim: claim.name.lower(),
        "claim": lambda claim: (claim.namespace, claim.claim_name),
    }
    for name, identity in unique.items():
        places: defaultdict[object, list[int]] = defaultdict(list)
        for index, claim in claims.items():
            places[identity(claim)].append(index)
        for first, *others in places.values():
            for index in others:
                yield Problem(
                    f"anf-smb:dynamicClaims[{index}].{name}",
                    f"is the same as that of anf-smb:dynamicClaims[{first}]",
                    "a name that no other claim has" + (" in its namespace" if name == "claim" else ""),
                )
