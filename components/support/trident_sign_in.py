"""The sign-in to Azure that Trident's controller runs with, after the operator has been told of another one.

The operator notes another client id at the ServiceAccount and restarts nothing, though Pods get their identity when
they are created. It never takes the label back that gives a Pod its workload identity, which goes before any other
sign-in. What somebody else sets in the Pod's template stays: the operator's patches remove nothing
(PutServiceAccount and PutDeployment in operator/controllers/orchestrator/installer of NetApp/trident).
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import pulumi
import pulumi_kubernetes as kubernetes

from components.guest.prior_state import PriorState
from components.rules.trident import MANAGED_IDENTITY, WORKLOAD_IDENTITY
from components.support.options import Limits, child_options
from components.support.wait_for import WAIT_FOR, wait_for

CONTROLLER: Final = "trident-controller"
"""The name of the controller's Deployment and of its ServiceAccount."""

PRIOR: Final = frozenset(
    {"kubernetes:trident.netapp.io/v1:TridentOrchestratorPatch", "kubernetes:apps/v1:DeploymentPatch"}
)
"""The types whose inputs in the state say what ran before; none holds a secret."""

_SIGN_IN: Final = "anf-smb/sign-in"
_FORCE: Final = {"pulumi.com/patchForce": "true"}
"""Take what the operator set, and what an earlier patch left behind: it stays when the stack forgets it."""
_LABEL: Final = "azure.workload.identity/use"
_CLIENT_ID: Final = "azure.workload.identity/client-id"
_NODES_FILE: Final = (
    'jsonpath={.spec.template.spec.containers[0].env[?@.name=="AZURE_CREDENTIAL_FILE"].value}',
    "condition=Available",
)


class SignIn(NamedTuple):
    """How Trident signs in."""

    authentication: str
    """One of `AUTHENTICATION` in the rules."""
    client_id: pulumi.Input[str | None]
    """Of the workload identity."""


def carry_out(
    trident: pulumi.ComponentResource,
    name: str,
    sign_in: SignIn,
    prior: PriorState,
    namespace: pulumi.Input[str],
    limits: Limits,
    opts: pulumi.ResourceOptions | None,
    after: pulumi.Resource,
) -> pulumi.Resource:
    """Restart the controller where the sign-in is another one than in the state; return what to wait for.

    `prior` remembers the children of types PRIOR. A new installation is not restarted.
    """
    authentication, client_id = sign_in
    text = pulumi.Output.from_input(client_id).apply(
        lambda given: f"{authentication} {given}" if authentication == WORKLOAD_IDENTITY else authentication
    )

    def patch_options(*depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        options = child_options(trident, opts, limits=limits, depends_on=depends_on)
        options.retain_on_delete = True  # to take the patch back would restart the controller once more
        return options

    told = after
    if authentication == WORKLOAD_IDENTITY:
        noted = pulumi.Output.from_input(client_id).apply(
            lambda given: _awaited(f"{authentication} {given}", _annotated(_CLIENT_ID, str(given)))
        )
        told = kubernetes.core.v1.ServiceAccountPatch(
            f"{name}-told",
            metadata={
                "name": CONTROLLER,
                "namespace": namespace,
                "annotations": {WAIT_FOR: noted, _SIGN_IN: text, **_FORCE},
            },
            opts=patch_options(after),
        )
    spec = pulumi.Output.all(
        text=text,
        installed=prior.inputs(trident, "metadata", "name"),
        before=prior.inputs(trident, "metadata", "annotations", _SIGN_IN),
        restarted=prior.inputs(trident, "spec", "template", "metadata", "annotations", _SIGN_IN),
    ).apply(lambda given: _spec(given, authentication))
    # Of the node's identity the operator notes nothing but the file in the Pod's template.
    awaited = {WAIT_FOR: _awaited(authentication, *_NODES_FILE)} if authentication == MANAGED_IDENTITY else {}
    return kubernetes.apps.v1.DeploymentPatch(
        f"{name}-sign-in",
        metadata={
            "name": CONTROLLER,
            "namespace": namespace,
            "annotations": {_SIGN_IN: text, **_FORCE, **awaited},
        },
        spec=spec,
        opts=patch_options(told),
    )


def _annotated(name: str, value: str) -> str:
    """Return the condition that an annotation has a value."""
    return f'jsonpath={{.metadata.annotations["{name}"]}}={value}'


def _awaited(sign_in: str, *conditions: str) -> str:
    """Return the conditions of a patch, and that it is there itself: another sign-in may change annotations alone."""
    return wait_for(*conditions, _annotated(_SIGN_IN, sign_in))[WAIT_FOR]


def _spec(given: Mapping[str, Any], authentication: str) -> Any:
    """Return what makes the controller's Pod another one; None as long as the sign-in is the first."""
    if given["before"]:
        restarted = next(iter(given["restarted"]), None) if given["text"] in given["before"] else given["text"]
    else:  # a Trident of an earlier program may still run with another sign-in than it was told
        restarted = given["text"] if given["installed"] else None
    if restarted is None:
        return None
    label = "true" if authentication == WORKLOAD_IDENTITY else "false"
    return {"template": {"metadata": {"labels": {_LABEL: label}, "annotations": {_SIGN_IN: restarted}}}}
