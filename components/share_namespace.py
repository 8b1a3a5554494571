"""A namespace whose Pods mount shares, with the credentials they mount with."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from components import rules
from components.child_options import child_options


class ShareNamespaceArgs(TypedDict):
    """Arguments of `ShareNamespace`."""

    namespace: pulumi.Input[str]
    """Its name in Kubernetes."""
    existing: NotRequired[bool]
    """The namespace is there already, and is not this component's to delete. Default: false, it is made."""
    domain: pulumi.Input[str]
    """The user's domain. Without it a Windows node would try the user as AZURE\\user."""
    username: pulumi.Input[str]
    """The user who mounts the shares, without the domain."""
    password: pulumi.Input[str]
    """That user's password. It is kept secret whether or not it comes as a secret."""


class ShareNamespace(pulumi.ComponentResource):
    """A namespace, made or brought along, and in it the Secret smbcreds that the driver mounts with.

    A new password changes the Secret in place. What is mounted stays mounted with the old one: restart the Pods.

    Raises `rules.InvalidArgsError` for names that Kubernetes or Windows would refuse.
    Source: https://github.com/kubernetes-csi/csi-driver-smb/blob/master/deploy/example/e2e_usage.md
    """

    namespace: pulumi.Output[str]
    """The namespace's name."""
    secret_name: pulumi.Output[str]
    """The Secret's name."""

    def __init__(self, name: str, args: ShareNamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:ShareNamespace", name, {}, opts)
        rules.check_args(
            "ShareNamespace",
            args,
            {"namespace": rules.NAMESPACE, "domain": rules.USER_DOMAIN, "username": rules.USERNAME},
        )
        self.namespace = pulumi.Output.from_input(args["namespace"])
        if not args.get("existing", False):
            namespace = kubernetes.core.v1.Namespace(
                f"{name}-namespace", metadata={"name": args["namespace"]}, opts=child_options(self)
            )
            self.namespace = namespace.metadata["name"]
        secret = kubernetes.core.v1.Secret(
            f"{name}-smbcreds",
            metadata={"name": "smbcreds", "namespace": self.namespace},
            type="Opaque",
            string_data={
                "domain": args["domain"],
                "username": args["username"],
                "password": pulumi.Output.secret(args["password"]),
            },
            opts=child_options(self),
        )
        self.secret_name = secret.metadata["name"]
        self.register_outputs({"namespace": self.namespace, "secretName": self.secret_name})
