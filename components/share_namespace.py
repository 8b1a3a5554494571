"""A namespace whose Pods mount shares, with the Secret for the mounts."""

from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from components import rules
from components.guest.created_before import CreatedBefore
from components.guest.prior_state import PriorState
from components.rules import directory as directory_rules
from components.support.options import child_options, unprotected

SECRET_NAME: Final = "smbcreds"  # noqa: S105 (a name)
_KIND: Final = "kubernetes:core/v1:Secret"


class CredentialsArgs(TypedDict):
    """A user of the directory."""

    domain: pulumi.Input[str]
    """The user's domain. Without it a Windows node tries the user as AZURE\\user."""
    username: pulumi.Input[str]
    """The user's name, without the domain."""
    password: pulumi.Input[str]
    """The user's password. It is always kept secret."""


class ShareNamespaceArgs(TypedDict):
    """Arguments of `ShareNamespace`."""

    namespace: pulumi.Input[str]
    """The namespace's name in Kubernetes."""
    existing: NotRequired[bool]
    """Use the namespace of this name. A component that has created it forgets it. Default: false, it is created."""
    credentials: NotRequired[CredentialsArgs | None]
    """The user who mounts the shares. Default: none, the mounts use a Secret of another namespace."""
    secret_name: NotRequired[str | None]
    """The Secret's name. It cannot be changed: PersistentVolumes name it. Default: smbcreds."""
    joined_username: NotRequired[bool]
    r"""Write the user as Trident reads it, as one username DOMAIN\user. Default: false, as csi-driver-smb reads it."""


class ShareNamespace(pulumi.ComponentResource):
    """A namespace, created or existing, with the Secret for the mounts of nodes.

    A created namespace is protected unless the options say `protect: false`, and it always stays in the cluster: its
    deletion would delete what others have in it. `kubectl delete namespace` deletes an empty one.

    A new password changes the Secret in place. Existing mounts keep the old password: restart the Pods.

    csi-driver-smb joins domain and username itself; Trident reads no domain. So the two paths cannot share a Secret
    nor, as both give it the same name, a namespace. Names that Kubernetes or Windows would refuse are an error.
    Source: https://github.com/kubernetes-csi/csi-driver-smb/blob/master/deploy/example/e2e_usage.md,
    https://docs.netapp.com/us-en/trident/trident-use/anf-examples.html
    """

    namespace: pulumi.Output[str]
    """The namespace's name."""
    secret_name: pulumi.Output[str]
    """The name of the Secret with the credentials."""

    def __init__(self, name: str, args: ShareNamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        created, existing = CreatedBefore(kubernetes.core.v1.Namespace), args.get("existing", False)
        prior = PriorState({_KIND})
        super().__init__(
            "anf-smb:index:ShareNamespace", name, {}, prior.options(created.options(opts) if existing else opts)
        )
        rules.check_args("ShareNamespace", args, {"namespace": rules.NAMESPACE, "secret_name": rules.OBJECT_NAME})
        self.namespace = pulumi.Output.from_input(args["namespace"])
        if existing:
            created.forget(self)
        else:
            namespace = kubernetes.core.v1.Namespace(
                f"{name}-namespace",
                metadata={"name": args["namespace"]},
                # Kubernetes deletes everything in a namespace with it, and nothing here can list what others have.
                opts=child_options(self, opts, data=True, retain=True),
            )
            self.namespace = namespace.metadata["name"]
        credentials = args.get("credentials")
        secret_name = self._unmoved(name, args.get("secret_name") or SECRET_NAME, prior)
        self.secret_name = (
            self._secret(name, secret_name, credentials, opts, joined=args.get("joined_username", False))
            if credentials
            else secret_name
        )
        self.register_outputs({"namespace": self.namespace, "secretName": self.secret_name})

    def _unmoved(self, name: str, secret_name: str, prior: PriorState) -> pulumi.Output[str]:
        """Return the Secret's name. Another one is refused, protected or not: what mounts goes by the name."""
        return prior.unmoved(
            self,
            secret_name,
            lambda child: child.id.rpartition("/")[2],
            lambda was, wanted: _another_secret(name, was, wanted),
            protect=True,
        )

    def _secret(
        self,
        name: str,
        secret_name: pulumi.Input[str],
        credentials: CredentialsArgs,
        opts: pulumi.ResourceOptions | None,
        *,
        joined: bool,
    ) -> pulumi.Output[str]:
        rules.check_args(
            "ShareNamespace.credentials",
            credentials,
            {"domain": directory_rules.USER_DOMAIN, "username": directory_rules.USERNAME},
        )
        domain, username = credentials["domain"], credentials["username"]
        user: dict[str, pulumi.Input[str]] = (
            {"username": pulumi.Output.concat(domain, "\\", username)}
            if joined
            else {"domain": domain, "username": username}
        )
        secret = kubernetes.core.v1.Secret(
            f"{name}-smbcreds",
            metadata={"name": secret_name, "namespace": self.namespace},
            type="Opaque",
            string_data={**user, "password": pulumi.Output.secret(credentials["password"])},
            opts=child_options(self, unprotected(opts)),
        )
        return secret.metadata["name"]


def _another_secret(name: str, was: object, wanted: object) -> str:
    return (
        f"ShareNamespace {name}: {rules.argument('ShareNamespace', 'secret_name')} is {wanted!r}; allowed: {was!r}, "
        "which the PersistentVolumes name, and those of claims too: Kubernetes never changes that. Fix: "
        f"{was!r}; or another namespace for new volumes and claims"
    )
