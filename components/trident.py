"""Trident: the driver that makes volumes for claims, installed with its operator's Helm chart."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from components import rules, trident_rules
from components.child_options import before_update, child_options
from components.last_words import last_words
from components.unready_release import unready_release

API_VERSION: Final = "trident.netapp.io/v1"
DEFAULT_NAMESPACE: Final = "trident"
CONTROLLER: Final = "trident-controller"
"""The service account that asks Azure, in Trident's namespace."""

_OWN_CRDS: Final = ("tridentorchestrators.trident.netapp.io", "tridentconfigurators.trident.netapp.io")
_CLAIMS: Final = "anf-smb/claims"
_IMAGE_VALUES: Final = frozenset({"tridentImage", "tridentImageTag", "operatorImage", "operatorImageTag"})


class TridentArgs(TypedDict):
    """Arguments of `Trident`."""

    version: str
    """The chart's version: 23.04.0 to 23.10.x spelled so, later ones 100.YYMM.patch."""
    authentication: NotRequired[str]
    """How Trident signs in to Azure: workloadIdentity (default), managedIdentity (that of the nodes), clientSecret."""
    client_id: NotRequired[pulumi.Input[str | None]]
    """For workloadIdentity: the client id of the identity that is federated with Trident's service account."""
    repository: NotRequired[pulumi.Input[str | None]]
    """The Helm repository. Default: NetApp's own."""
    namespace: NotRequired[pulumi.Input[str]]
    """Where it runs. Helm makes it if need be; nothing deletes it. Default: trident."""
    values: NotRequired[pulumi.Input[dict[str, Any]]]
    """Values of the chart, beside and above windows = true and those of the authentication."""
    kubernetes_version: NotRequired[pulumi.Input[str | None]]
    """The cluster's version, to be held against what this Trident supports."""
    any_kubernetes: NotRequired[bool]
    """Try it on a Kubernetes that this Trident does not support. Default: false."""
    claims: NotRequired[Sequence[str]]
    """The claims that rely on it, as far as the program knows: while one is left, wipeout is refused. Default: none."""
    wipeout: NotRequired[bool]
    """Uninstall Trident, and delete its custom resources with their types; only the operator stays. Default: false."""
    timeout_minutes: NotRequired[int]
    """How long the operator, and after it Trident, may take to be installed. Default: 15."""


class Trident(pulumi.ComponentResource):
    """Trident on the Linux and Windows nodes, awaited until its operator says Installed; a cluster has it once.

    A failed installation is tried again by the operator; when the time is up, `up` fails and says what the operator
    says (`kubectl describe torc trident`).

    Deleting it is `helm uninstall`: Trident's types (CRDs), its objects and its namespace stay, for the next
    installation. `wipeout` first, in an `up` of its own when no claim is left, takes Trident's types and objects away.

    Raises `rules.InvalidArgsError` for values that the chart or the operator would refuse, for an unsupported
    Kubernetes, and in the preview of an upgrade across more releases than Trident can do at once.
    Source: https://docs.netapp.com/us-en/trident/trident-get-started/kubernetes-deploy-helm.html
    """

    version: pulumi.Output[str]
    """The chart's version."""
    namespace: pulumi.Output[str]
    """Where it runs; known once Trident is installed."""

    def __init__(self, name: str, args: TridentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:Trident", name, {}, opts)
        rules.check_args(
            "Trident",
            args,
            {
                "version": trident_rules.VERSION,
                "authentication": trident_rules.AUTHENTICATION,
                "repository": rules.REPOSITORY,
                "namespace": rules.NAMESPACE,
            },
        )
        version = args["version"]
        authentication = args.get("authentication", trident_rules.WORKLOAD_IDENTITY)
        timeout_minutes = args.get("timeout_minutes", 15)
        checked = pulumi.Output.from_input(args.get("kubernetes_version")).apply(
            lambda kubernetes_version: _supported(version, kubernetes_version, args.get("any_kubernetes", False))
        )
        values = pulumi.Output.all(args.get("values", {}), args.get("client_id"), checked).apply(
            lambda given: {"windows": True, **_identity(version, authentication, given[1]), **given[0]}
        )
        release = kubernetes.helm.v3.Release(
            f"{name}-release",
            name="trident",
            namespace=args.get("namespace", DEFAULT_NAMESPACE),
            # Not a Namespace of the stack: deleting it would wait for ever, since Trident's objects in it have
            # finalizers, which nobody takes off once Trident is gone.
            create_namespace=True,
            chart="trident-operator",
            version=version,
            repository_opts={
                "repo": pulumi.Output.from_input(args.get("repository")).apply(
                    lambda given: given or trident_rules.CHARTS
                )
            },
            values=values,
            # A failed installation is taken back, so that the next `up` does not meet a name that is in use.
            atomic=True,
            cleanup_on_fail=True,
            timeout=timeout_minutes * 60,
            opts=child_options(
                self,
                timeout_minutes=timeout_minutes + 5,
                hooks=pulumi.ResourceHookBinding(
                    before_update=[before_update(f"{name}-upgrade", _check_upgrade)],
                    on_error=[unready_release(self, f"{name}-unready", "deployments,pods")],
                ),
            ),
        )
        self.version = release.version.apply(str)
        wipeout = args.get("wipeout", False)
        awaited = values.apply(lambda given: json.dumps(_awaited(version, given, wipeout)))
        # The chart makes the orchestrator, and Helm is content with that: what the operator does with it is awaited
        # here. All other types of Trident's are there only afterwards.
        orchestrator = kubernetes.apiextensions.CustomResourcePatch(
            f"{name}-orchestrator",
            api_version=API_VERSION,
            kind="TridentOrchestrator",
            metadata={
                "name": "trident",
                "annotations": {"pulumi.com/waitFor": awaited, _CLAIMS: ",".join(args.get("claims", ()))},
            },
            spec=_wipeout(version) if wipeout else None,
            opts=child_options(
                self,
                timeout_minutes=timeout_minutes,
                depends_on=[release],
                hooks=pulumi.ResourceHookBinding(
                    before_update=[before_update(f"{name}-wipeout", _check_wipeout)],
                    on_error=[last_words(self, f"{name}-orchestrator-status")],
                ),
            ),
        )
        self.namespace = pulumi.Output.all(args.get("namespace", DEFAULT_NAMESPACE), orchestrator.urn).apply(
            lambda both: str(both[0])
        )
        self.register_outputs({"version": self.version, "namespace": self.namespace})


def _identity(version: str, authentication: str, client_id: str | None) -> dict[str, str]:
    """The chart's values for a way to authenticate."""
    if authentication == trident_rules.CLIENT_SECRET:
        return {}
    if not trident_rules.has_cloud_identity(version):
        raise rules.InvalidArgsError(
            f"Trident: authentication {authentication} needs version 100.2402.0 or later; with {version} it is "
            f"{trident_rules.CLIENT_SECRET}"
        )
    if authentication == trident_rules.MANAGED_IDENTITY:
        return {"cloudProvider": "Azure"}
    if not client_id:
        raise rules.InvalidArgsError("Trident: client_id is needed for authentication workloadIdentity")
    # With quotes of its own: the chart puts the text into YAML as it is, where its colon would make a mapping of it.
    return {"cloudProvider": "Azure", "cloudIdentity": f"'azure.workload.identity/client-id: {client_id}'"}


def _awaited(version: str, values: Mapping[str, Any], wipeout: bool) -> list[str]:
    """The conditions of the orchestrator; the version too, since before an upgrade the status is Installed already."""
    if wipeout:
        return ["jsonpath={.status.status}=Uninstalled"]
    installed = ["jsonpath={.status.status}=Installed"]
    if _IMAGE_VALUES & values.keys():  # an image of one's own reports a version of its own
        return installed
    return [*installed, f"jsonpath={{.status.version}}={trident_rules.product_version(version)}"]


def _wipeout(version: str) -> dict[str, Any]:
    """What tells the operator to uninstall Trident, types and objects included, but not the type of this object."""
    spec: dict[str, Any] = {"uninstall": True, "wipeout": ["crds"]}
    return spec | ({"skipCRDsToObliviate": [*_OWN_CRDS]} if trident_rules.wipes_orchestrator_too(version) else {})


def _supported(version: str, kubernetes_version: str | None, any_kubernetes: bool) -> None:
    mismatch = trident_rules.kubernetes_mismatch(version, kubernetes_version) if kubernetes_version else None
    if not mismatch:
        return
    if any_kubernetes or mismatch.nothing_newer:
        # The operator, too, only warns of it.
        pulumi.log.warn(f"{mismatch.text}: NetApp gives no support for it.")
        return
    raise rules.InvalidArgsError(
        f"Trident: {mismatch.text}. Mend: another version (anf-smb:trident.version), or try it all the same with "
        "any_kubernetes (anf-smb:trident.anyKubernetes: true)"
    )


def _check_upgrade(args: pulumi.ResourceHookArgs) -> None:
    """Compare the version in the state with the wanted one."""
    installed, wanted = ((inputs or {}).get("version") for inputs in (args.old_inputs, args.new_inputs))
    if not isinstance(installed, str) or not isinstance(wanted, str) or not trident_rules.VERSION.holds(installed):
        return
    path = trident_rules.upgrade_path(installed, wanted)
    if len(path) > 1:
        raise rules.InvalidArgsError(
            f"Trident {trident_rules.release_of(installed)} cannot be upgraded to "
            f"{trident_rules.release_of(wanted)} directly: more than {trident_rules.UPGRADE_WINDOW} releases lie "
            f"between. Mend: one `pulumi up` for each of {', '.join(path)} (anf-smb:trident.version; "
            f"{trident_rules.UPGRADES})"
        )


def _check_wipeout(args: pulumi.ResourceHookArgs) -> None:
    """What an `up` takes away goes last: claims among it would find no Trident to delete their volumes."""
    claims = ((args.old_inputs or {}).get("metadata") or {}).get("annotations", {}).get(_CLAIMS)
    if claims and (args.new_inputs or {}).get("spec"):
        raise rules.InvalidArgsError(
            f"Trident cannot be wiped out while it has claims ({claims}). Mend: one `pulumi up` without them "
            "(anf-smb:dynamicClaims), and only then wipeout (anf-smb:trident.wipeout)"
        )
