"""A namespace whose Pods mount shares, with the credentials they mount with."""

from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from components import rules
from components.child_options import child_options

SECRET_NAME: Final = "smbcreds"  # noqa: S105 (a name)


class CredentialsArgs(TypedDict):
    """A user of the directory."""

    domain: pulumi.Input[str]
    """The user's domain. Without it a Windows node would try the user as AZURE\\user."""
    username: pulumi.Input[str]
    """The user's name, without the domain."""
    password: pulumi.Input[str]
    """That user's password. It is kept secret whether or not it comes as a secret."""


class ShareNamespaceArgs(TypedDict):
    """Arguments of `ShareNamespace`."""

    namespace: pulumi.Input[str]
    """Its name in Kubernetes."""
    existing: NotRequired[bool]
    """The namespace is there already, and is not this component's to delete. Default: false, it is made."""
    credentials: NotRequired[CredentialsArgs | None]
    """The user who mounts the shares. Default: none; whatever mounts here has its Secret elsewhere."""
    joined_username: NotRequired[bool]
    r"""Write the user as Trident wants it, as the one username DOMAIN\user. Default: false, as csi-driver-smb does."""


class ShareNamespace(pulumi.ComponentResource):
    """A namespace, made or brought along, and in it, if wanted, the Secret smbcreds that nodes mount with.

    A new password changes the Secret in place. What is mounted stays mounted with the old one: restart the Pods.

    csi-driver-smb puts domain and username together itself; Trident reads no domain. So the two ways cannot share a
    Secret, nor, as both call it smbcreds, a namespace.

    Raises `rules.InvalidArgsError` for names that Kubernetes or Windows would refuse.
    Source: https://github.com/kubernetes-csi/csi-driver-smb/blob/master/deploy/example/e2e_usage.md,
    https://docs.netapp.com/us-en/trident/trident-use/anf-examples.html
    """

    namespace: pulumi.Output[str]
    """The namespace's name."""
    secret_name: pulumi.Output[str]
    """The Secret's name, for where there are credentials."""

    def __init__(self, name: str, args: ShareNamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:ShareNamespace", name, {}, opts)
        rules.check_args("ShareNamespace", args, {"namespace": rules.NAMESPACE})
        self.namespace = pulumi.Output.from_input(args["namespace"])
        if not args.get("existing", False):
            namespace = kubernetes.core.v1.Namespace(
                f"{name}-namespace", metadata={"name": args["namespace"]}, opts=child_options(self)
            )
            self.namespace = namespace.metadata["name"]
        credentials = args.get("credentials")
        self.secret_name = (
            self._secret(name, credentials, joined=args.get("joined_username", False))
            if credentials
            else pulumi.Output.from_input(SECRET_NAME)
        )
        self.register_outputs({"namespace": self.namespace, "secretName": self.secret_name})

    def _secret(self, name: str, credentials: CredentialsArgs, *, joined: bool) -> pulumi.Output[str]:
        rules.check_args(
            "ShareNamespace.credentials", credentials, {"domain": rules.USER_DOMAIN, "username": rules.USERNAME}
        )
        domain, username = credentials["domain"], credentials["username"]
        user: dict[str, pulumi.Input[str]] = (
            {"username": pulumi.Output.concat(domain, "\\", username)}
            if joined
            else {"domain": domain, "username": username}
        )
        secret = kubernetes.core.v1.Secret(
            f"{name}-smbcreds",
            metadata={"name": SECRET_NAME, "namespace": self.namespace},
            type="Opaque",
            string_data={**user, "password": pulumi.Output.secret(credentials["password"])},
            opts=child_options(self),
        )
        return secret.metadata["name"]
