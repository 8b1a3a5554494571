"""The capacity pool: what is paid for, and what the volumes share."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import netapp

from components import rules
from components.child_options import child_options, known_name
from components.lookup import looked_up
from components.passing_errors import NESTED, wait_out


class CapacityPoolArgs(TypedDict):
    """Arguments of `CapacityPool`."""

    resource_group_name: pulumi.Input[str]
    """The resource group of the account."""
    account_name: pulumi.Input[str]
    """The account of the pool."""
    pool_name: pulumi.Input[str]
    """Its name in Azure: the plain name, not account/pool."""
    service_level: NotRequired[pulumi.Input[str | None]]
    """Standard, Premium or Ultra (16, 64, 128 MiB/s per TiB). Needed unless the pool exists; cannot be changed."""
    size_tib: NotRequired[pulumi.Input[int | None]]
    """Its size in whole TiB, 1 to 2048. Needed unless the pool exists. May grow, or shrink to its volumes' sum."""
    qos_type: NotRequired[pulumi.Input[str | None]]
    """Auto: throughput follows a volume's size. Manual: each volume says its own. Default: Auto."""
    existing: NotRequired[bool]
    """Use the pool that has this name as it is, and leave it alone. Default: false, it is made."""
    protect: NotRequired[bool]
    """Refuse to delete or replace it, and keep it in Azure when the stack forgets it. Default: true."""
    timeout_minutes: NotRequired[int]
    """How long Azure may take. Default: 30."""


class CapacityPool(pulumi.ComponentResource):
    """A capacity pool, made or brought along; one that is brought along must exist, or the preview fails.

    Raises `rules.InvalidArgsError` for values that Azure would refuse.
    Source: https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-set-up-capacity-pool
    """

    name: pulumi.Output[str]
    """Its plain name, known in every preview."""
    service_level: pulumi.Output[str]
    """Its service level."""
    qos_type: pulumi.Output[str]
    """Its QoS type, Auto or Manual."""
    pool_id: pulumi.Output[str]
    """Its resource id in Azure."""

    def __init__(self, name: str, args: CapacityPoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:CapacityPool", name, {}, opts)
        rules.check_args(
            "CapacityPool",
            args,
            {
                "pool_name": rules.POOL_NAME,
                "service_level": rules.SERVICE_LEVEL,
                "size_tib": rules.POOL_SIZE_TIB,
                "qos_type": rules.QOS_TYPE,
            },
        )
        if args.get("existing", False):
            found = looked_up(
                "The capacity pool that is brought along",
                netapp.get_capacity_pool_output(
                    resource_group_name=args["resource_group_name"],
                    account_name=args["account_name"],
                    pool_name=args["pool_name"],
                    opts=pulumi.InvokeOutputOptions(parent=self),
                ),
                "name one that exists in its account and may be read, or let this stack make it",
            )
            self.service_level = found.service_level
            self.qos_type = found.qos_type.apply(lambda qos_type: qos_type or "Auto")
            self.name = known_name(args["pool_name"], self.service_level)
            self.pool_id = found.id
        else:
            size_tib = args.get("size_tib")
            if size_tib is None or args.get("service_level") is None:
                raise rules.InvalidArgsError(
                    "CapacityPool: size_tib and service_level are needed for a pool that is made"
                )
            timeout_minutes = args.get("timeout_minutes", 30)
            pool = netapp.CapacityPool(
                f"{name}-pool",
                resource_group_name=args["resource_group_name"],
                account_name=args["account_name"],
                pool_name=args["pool_name"],
                service_level=args.get("service_level"),
                # Said outright: the SDK would silently make it 4 TiB.
                size=pulumi.Output.from_input(size_tib).apply(lambda size: float((size or 0) * rules.TIB)),
                qos_type=pulumi.Output.from_input(args.get("qos_type")).apply(lambda qos_type: qos_type or "Auto"),
                opts=child_options(
                    self,
                    protect=args.get("protect", True),
                    fixed=("serviceLevel",),
                    timeout_minutes=timeout_minutes,
                    hooks=pulumi.ResourceHookBinding(
                        on_error=[wait_out(f"{name}-pool-nested", NESTED, timeout_minutes)]
                    ),
                ),
            )
            self.service_level = pool.service_level
            self.qos_type = pool.qos_type.apply(lambda qos_type: qos_type or "Auto")
            self.name = known_name(args["pool_name"], pool.service_level)
            self.pool_id = pool.id
        self.register_outputs(
            {
                "name": self.name,
                "serviceLevel": self.service_level,
                "qosType": self.qos_type,
                "poolId": self.pool_id,
            }
        )
