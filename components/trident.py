"""Trident: the driver that creates volumes for claims, installed by its operator's Helm chart."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from components import rules
from components.guest.prior_state import PriorState
from components.rules import trident as trident_rules
from components.support import trident_sign_in
from components.support.failure_status import failure_status
from components.support.options import Limits, before_update, child_options
from components.support.unready_release import unready_release
from components.support.wait_for import wait_for
from components.support.windows_pods import WindowsPodsArgs, pull_secrets

API_VERSION: Final = "trident.netapp.io/v1"
DEFAULT_NAMESPACE: Final = "trident"
CONTROLLER: Final = trident_sign_in.CONTROLLER
"""The service account that calls Azure, in Trident's namespace."""

_OWN_CRDS: Final = ("tridentorchestrators.trident.netapp.io", "tridentconfigurators.trident.netapp.io")
_CLAIMS: Final = "anf-smb/claims"
_NO_CLAIMS: Final = 'jsonpath={.metadata.annotations[?@==""]}'  # no text can follow `=` that is empty
_IMAGE_VALUES: Final = frozenset({"tridentImage", "tridentImageTag", "operatorImage", "operatorImageTag"})


class TridentArgs(TypedDict):
    """Arguments of `Trident`."""

    version: str
    """The chart's version: 23.04.0 to 23.10.x spelled so, later ones 100.YYMM.patch."""
    authentication: NotRequired[str]
    """How Trident signs in to Azure: workloadIdentity (the default), managedIdentity (of the nodes) or clientSecret."""
    client_id: NotRequired[pulumi.Input[str | None]]
    """For workloadIdentity: the client id of the identity that is federated with Trident's service account."""
    repository: NotRequired[pulumi.Input[str | None]]
    """The Helm repository. Default: NetApp's own."""
    namespace: NotRequired[pulumi.Input[str]]
    """The namespace of Trident. Helm creates it if it is missing; nothing deletes it. Default: trident."""
    values: NotRequired[pulumi.Input[dict[str, Any]]]
    """Values of the chart. They are merged over windows = true, those of the authentication and the pull Secrets."""
    windows_pods: NotRequired[WindowsPodsArgs]
    """The needs of Windows Pods: the chart gets their pull Secrets. Its own default tolerates all. Default: none."""
    kubernetes_version: NotRequired[pulumi.Input[str | None]]
    """The cluster's version. A release of Trident that does not support it is refused."""
    any_kubernetes: NotRequired[bool]
    """Allow a Kubernetes that this Trident does not support. Default: false."""
    claims: NotRequired[list[str]]
    """The claims of the program: while one is left, wipeout is refused. Default: none."""
    wipeout: NotRequired[bool]
    """Uninstall Trident, and delete its custom resources with their types; only the operator stays. Default: false."""


class Trident(pulumi.ComponentResource):
    """Trident on the Linux and Windows nodes, awaited until its operator says Installed; a cluster has it once.

    The operator repeats a failed installation. After the custom timeouts of the options, 15 minutes by default, `up`
    fails with the operator's message (`kubectl describe torc trident`).

    Another sign-in to Azure restarts Trident's controller, as does the first `up` with a version of this component that
    knows of it.

    Its deletion is a `helm uninstall`: Trident's types (CRDs), its objects and its namespace stay for the next
    installation. wipeout, in an `up` of its own after the last claim, deletes Trident's types and objects.

    Values that the chart or the operator would refuse are an error, as are an unsupported Kubernetes and, in the
    preview, a downgrade, or an upgrade across more releases than Trident can do at once.
    Source: https://docs.netapp.com/us-en/trident/trident-get-started/kubernetes-deploy-helm.html
    """

    version: pulumi.Output[str]
    """The chart's version."""
    namespace: pulumi.Output[str]
    """The namespace of Trident; known once Trident is installed."""
    status: pulumi.Output[str]
    """The status of the Helm release, such as deployed."""

    def __init__(self, name: str, args: TridentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        prior = PriorState(trident_sign_in.PRIOR, with_inputs=True)
        super().__init__("anf-smb:index:Trident", name, {}, prior.options(opts))
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
        limits = Limits.of(opts, 15)
        checked = pulumi.Output.from_input(args.get("kubernetes_version")).apply(
            lambda kubernetes_version: _supported(version, kubernetes_version, args.get("any_kubernetes", False))
        )
        values = pulumi.Output.all(args.get("values", {}), args.get("client_id"), checked).apply(
            lambda given: {
                **pull_secrets(args.get("windows_pods", WindowsPodsArgs())),
                **_values(version, authentication, given[1], given[0]),
            }
        )
        release = kubernetes.helm.v3.Release(
            f"{name}-release",
            name="trident",
            namespace=args.get("namespace", DEFAULT_NAMESPACE),
            # Not a Namespace of the stack: its deletion would wait for ever for Trident's objects, whose finalizers
            # nobody removes once Trident is gone.
            create_namespace=True,
            chart="trident-operator",
            version=version,
            repository_opts={
                "repo": pulumi.Output.from_input(args.get("repository")).apply(
                    lambda given: given or trident_rules.CHARTS
                )
            },
            values=values,
            # Helm removes a failed installation, so that its name is free for the next `up`.
            atomic=True,
            cleanup_on_fail=True,
            timeout=int(limits.create),
            opts=child_options(
                self,
                opts,
                limits=limits.extended(5),
                hooks=pulumi.ResourceHookBinding(
                    before_update=[before_update(f"{name}-upgrade", _check_upgrade)],
                    on_error=[unready_release(self, f"{name}-unready")],
                ),
            ),
        )
        self.version = release.version.apply(str)
        wipeout = args.get("wipeout", False)
        claims = ",".join(args.get("claims", ()))
        # Helm's wait ends with the creation of the orchestrator. This one ends with the operator's installation, which
        # creates all other types of Trident.
        orchestrator = kubernetes.apiextensions.CustomResourcePatch(
            f"{name}-orchestrator",
            api_version=API_VERSION,
            kind="TridentOrchestrator",
            metadata={
                "name": "trident",
                "annotations": values.apply(
                    lambda given: wait_for(*_awaited(version, given, wipeout), _noted(claims)) | {_CLAIMS: claims}
                ),
            },
            spec=_wipeout(version) if wipeout else None,
            opts=child_options(
                self,
                opts,
                limits=limits,
                depends_on=[release],
                hooks=pulumi.ResourceHookBinding(
                    before_update=[before_update(f"{name}-wipeout", _check_wipeout)],
                    on_error=[failure_status(self, f"{name}-orchestrator-status")],
                ),
            ),
        )
        namespace = args.get("namespace", DEFAULT_NAMESPACE)
        runs: pulumi.Resource = orchestrator
        if not wipeout:
            sign_in = trident_sign_in.SignIn(authentication, args.get("client_id"))
            runs = trident_sign_in.carry_out(self, name, sign_in, prior, namespace, limits, opts, orchestrator)
        self.namespace = pulumi.Output.all(namespace, runs.urn).apply(lambda both: str(both[0]))
        self.status = release.status.apply(lambda status: status.status)
        self.register_outputs({"version": self.version, "namespace": self.namespace, "status": self.status})


def _values(version: str, authentication: str, client_id: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the chart's values: the given ones over those that the product needs."""
    rules.check_values("Trident", trident_rules.breaking_values(given, authentication))
    return {"windows": True, **_identity(version, authentication, client_id), **given}


def _identity(version: str, authentication: str, client_id: str | None) -> dict[str, str]:
    """Return the chart's values for an authentication."""
    if authentication == trident_rules.CLIENT_SECRET:
        return {}
    if not trident_rules.has_cloud_identity(version):
        raise rules.InvalidArgsError(
            f"Trident: {rules.argument('Trident', 'authentication')} {authentication} needs version 100.2402.0 or "
            f"later; allowed with {version}: {trident_rules.CLIENT_SECRET}"
        )
    if authentication == trident_rules.MANAGED_IDENTITY:
        return {"cloudProvider": "Azure"}
    if not client_id:
        raise rules.InvalidArgsError(
            f"Trident: {rules.argument('Trident', 'client_id')} is missing; authentication workloadIdentity needs it"
        )
    # The quotes are part of the value: the chart copies it into YAML, where the colon would start a mapping.
    return {"cloudProvider": "Azure", "cloudIdentity": f"'azure.workload.identity/client-id: {client_id}'"}


def _awaited(version: str, values: Mapping[str, Any], wipeout: bool) -> list[str]:
    """Return the conditions to await, the version among them: before an upgrade the status is Installed already."""
    if wipeout:
        return ["jsonpath={.status.status}=Uninstalled"]
    installed = ["jsonpath={.status.status}=Installed"]
    if _IMAGE_VALUES & values.keys():  # such an image reports another version
        return installed
    return [*installed, f"jsonpath={{.status.version}}={trident_rules.product_version(version)}"]


def _noted(claims: str) -> str:
    """Return the condition that the orchestrator names the claims: other ones change nothing else in it."""
    return f"jsonpath={{.metadata.annotations['{_CLAIMS}']}}={claims}" if claims else _NO_CLAIMS


def _wipeout(version: str) -> dict[str, Any]:
    """Return the spec by which the operator uninstalls Trident, with all types and objects but the orchestrator's."""
    spec: dict[str, Any] = {"uninstall": True, "wipeout": ["crds"]}
    return spec | ({"skipCRDsToObliviate": [*_OWN_CRDS]} if trident_rules.wipes_orchestrator_too(version) else {})


def _supported(version: str, kubernetes_version: str | None, any_kubernetes: bool) -> None:
    """Raise `InvalidArgsError` for a Kubernetes that this Trident does not support."""
    mismatch = trident_rules.kubernetes_mismatch(version, kubernetes_version) if kubernetes_version else None
    if not mismatch:
        return
    if any_kubernetes or mismatch.nothing_newer:
        # The operator, too, only warns of it.
        pulumi.log.warn(f"{mismatch.text}: NetApp gives no support for it.")
        return
    raise rules.InvalidArgsError(
        f"Trident: {mismatch.text}. Fix: another {rules.argument('Trident', 'version')}, or true for "
        f"{rules.argument('Trident', 'any_kubernetes')} to try it anyway"
    )


def _check_upgrade(args: pulumi.ResourceHookArgs) -> None:
    """Raise `InvalidArgsError` for a downgrade, or an upgrade across too many releases, of the version in the state."""
    installed, wanted = ((inputs or {}).get("version") for inputs in (args.old_inputs, args.new_inputs))
    if not isinstance(installed, str) or not isinstance(wanted, str) or not trident_rules.VERSION.holds(installed):
        return
    if trident_rules.is_downgrade(installed, wanted):
        raise rules.InvalidArgsError(
            f"Trident {installed} cannot become {wanted}: a downgrade is not possible. Allowed as "
            f"{rules.argument('Trident', 'version')}: {installed} or later. Fix: name that version again; an older "
            "Trident needs a cluster without this one's CRDs: see docs/operate.md, Wipeout"
        )
    path = trident_rules.upgrade_path(installed, wanted)
    if len(path) > 1:
        raise rules.InvalidArgsError(
            f"Trident {trident_rules.release_of(installed)} cannot be upgraded to "
            f"{trident_rules.release_of(wanted)} directly: more than {trident_rules.UPGRADE_WINDOW} releases lie "
            f"between. Fix: one `pulumi up` for each of {', '.join(path)} as {rules.argument('Trident', 'version')}; "
            f"see {trident_rules.UPGRADES}"
        )


def _check_wipeout(args: pulumi.ResourceHookArgs) -> None:
    """Raise `InvalidArgsError` for a wipeout while claims are left: an `up` would delete these after Trident."""
    claims = ((args.old_inputs or {}).get("metadata") or {}).get("annotations", {}).get(_CLAIMS)
    if claims and (args.new_inputs or {}).get("spec"):
        raise rules.InvalidArgsError(
            f"Trident cannot be wiped out while it has claims ({claims}). Fix: one `pulumi up` without "
            f"{rules.argument('Trident', 'claims')}, and only then {rules.argument('Trident', 'wipeout')}"
        )
