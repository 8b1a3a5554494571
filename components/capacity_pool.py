"""The capacity pool: Azure bills its size, and its volumes share its throughput."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

import pulumi
from pulumi.type_token import get_type_token
from pulumi_azure_native import netapp

from components import rules
from components.guest.azure_types import AzureType
from components.guest.azure_update import Unchangeable
from components.guest.created_before import CreatedBefore
from components.guest.existing_objects import refuse_existing
from components.guest.kept_settings import KeptSettings
from components.guest.prior_state import PriorState
from components.netapp_account import AccountRef
from components.rules.tags import check_tags
from components.support.lookup import looked_up
from components.support.options import Limits, child_options, known_name, protection
from components.support.references import fields
from components.support.transient_errors import NESTED, wait_out

CAPACITY_POOL: Final = AzureType(
    title="The capacity pool",
    look_up="azure-native:netapp:getCapacityPool",
    names=("resourceGroupName", "accountName", "poolName"),
    sdk_defaults=("coolAccess", "encryptionType"),
    inputs=netapp.CapacityPoolArgs,
    from_state=("encryptionType",),
    constant=("coolAccess",),
    no_settings=("location",),
    unset={"encryptionType": "Single"},
)

_OTHER_LEVEL: Final = (
    "leave it, or create another pool of that level in the account and move the volumes to it, without loss: "
    "az netappfiles volume pool-change --ids VOLUME_ID --new-pool-resource-id POOL_ID"
)


class PoolRef(TypedDict):
    """A capacity pool, for the volumes in it."""

    resource_group_name: pulumi.Input[str]
    """The resource group of the account."""
    account_name: pulumi.Input[str]
    """The account of the pool."""
    name: pulumi.Input[str]
    """The pool's plain name, not account/pool."""
    service_level: pulumi.Input[str]
    """The pool's service level: Standard, Premium or Ultra."""
    qos_type: NotRequired[pulumi.Input[str | None]]
    """The pool's QoS type: Auto or Manual. Default: Auto."""


POOL_REF_RULES: Final = {
    "account_name": rules.ACCOUNT_NAME,
    "name": rules.POOL_NAME,
    "service_level": rules.SERVICE_LEVEL,
}
"""The rules of a reference that is written by hand."""


class CapacityPoolArgs(TypedDict):
    """Arguments of `CapacityPool`."""

    account: pulumi.Input[AccountRef]
    """The account of the pool."""
    name: pulumi.Input[str]
    """The pool's plain name in Azure, not account/pool: 1 to 64 letters, digits, underscores and hyphens."""
    service_level: NotRequired[pulumi.Input[str | None]]
    """Standard, Premium or Ultra (16, 64, 128 MiB/s per TiB). Needed unless the pool exists; cannot be changed."""
    size_tib: NotRequired[pulumi.Input[int | None]]
    """Its size in whole TiB, 1 to 2048. Needed unless the pool exists. May grow, or shrink to its volumes' sum."""
    qos_type: NotRequired[pulumi.Input[str | None]]
    """Auto: throughput follows a volume's size. Manual: each volume has its own. Default: Auto."""
    existing: NotRequired[bool]
    """Use the pool of this name, and never change or delete it. Default: false, the component creates it."""
    cool_access: NotRequired[pulumi.Input[bool | None]]
    """Let volumes of the pool have cool access. Azure cannot turn it off again. Default: false."""
    tags: NotRequired[pulumi.Input[dict[str, str] | None]]
    """Tags of a pool to create, by their names. Tags that others put on it stay. Default: none."""


class CapacityPool(pulumi.ComponentResource):
    """A capacity pool, created or existing; a preview fails when an existing one is missing.

    A created pool is protected unless the options say `protect: false`; the custom timeouts of the options count, each
    30 minutes by default. Values that Azure would refuse are an error.
    Source: https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-set-up-capacity-pool
    """

    name: pulumi.Output[str]
    """The pool's plain name, known in every preview."""
    service_level: pulumi.Output[str]
    """The pool's service level."""
    qos_type: pulumi.Output[str]
    """The pool's QoS type, Auto or Manual."""
    size_tib: pulumi.Output[int]
    """The pool's size in TiB."""
    pool_id: pulumi.Output[str]
    """The pool's resource id."""

    def __init__(self, name: str, args: CapacityPoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        created, existing = CreatedBefore(netapp.CapacityPool), args.get("existing", False)
        prior = PriorState({str(get_type_token(netapp.CapacityPool))}, with_inputs=True)
        super().__init__(
            "anf-smb:index:CapacityPool", name, {}, created.options(opts) if existing else prior.options(opts)
        )
        check_tags("CapacityPool", args.get("tags"))
        rules.check_args(
            "CapacityPool",
            args,
            {
                "name": rules.POOL_NAME,
                "service_level": rules.NEW_POOL_LEVEL,
                "size_tib": rules.POOL_SIZE_TIB,
                "qos_type": rules.QOS_TYPE,
            },
        )
        self._account = fields(args["account"], AccountRef)
        settings = KeptSettings(
            self,
            f"{name}-pool",
            CAPACITY_POOL,
            _unchangeable,
            given=["coolAccess"] if args.get("cool_access") is not None else [],
        )
        if existing:
            created.forget(self)
            found = looked_up(
                "The existing capacity pool",
                netapp.get_capacity_pool_output(
                    resource_group_name=self._account["resource_group_name"],
                    account_name=self._account["name"],
                    pool_name=args["name"],
                    opts=pulumi.InvokeOutputOptions(parent=self),
                ),
                "name one that exists in its account and that you may read, or let the stack create it",
            )
            self.service_level = found.service_level
            self.qos_type = found.qos_type.apply(lambda qos_type: qos_type or "Auto")
            self.name = known_name(args["name"], self.service_level)
            self.size_tib = found.size.apply(_tib)
            self.pool_id = found.id
        else:
            size_tib = args.get("size_tib")
            if size_tib is None or args.get("service_level") is None:
                raise rules.InvalidArgsError(
                    f"CapacityPool: a pool to create needs {rules.argument('CapacityPool', 'size_tib')} and "
                    f"{rules.argument('CapacityPool', 'service_level')}"
                )
            limits = Limits.of(opts, 30)
            pool_name = prior.unmoved(
                self,
                args["name"],
                lambda child: child.input("poolName"),
                lambda was, wanted: _another_pool(name, was, wanted),
                protect=protection(opts, data=True),
            )
            pool = netapp.CapacityPool(
                f"{name}-pool",
                resource_group_name=self._account["resource_group_name"],
                account_name=self._account["name"],
                pool_name=pool_name,
                tags=args.get("tags"),
                service_level=args.get("service_level"),
                # Always given: the default of the SDK is 4 TiB.
                size=pulumi.Output.from_input(size_tib).apply(lambda size: float((size or 0) * rules.TIB)),
                cool_access=args.get("cool_access"),
                qos_type=pulumi.Output.from_input(args.get("qos_type")).apply(lambda qos_type: qos_type or "Auto"),
                opts=settings.options(
                    child_options(
                        self,
                        opts,
                        data=True,
                        limits=limits,
                        before_create=refuse_existing(f"{name}-pool-exists", self, "capacity pool"),
                        hooks=pulumi.ResourceHookBinding(
                            on_error=[wait_out(self, f"{name}-pool-nested", limits.delete, NESTED)]
                        ),
                    )
                ),
            )
            self.service_level = pool.service_level
            self.qos_type = pool.qos_type.apply(lambda qos_type: qos_type or "Auto")
            self.name = known_name(args["name"], pool.service_level)
            self.size_tib = pool.size.apply(_tib)
            self.pool_id = pool.id
        self.register_outputs(
            {
                "name": self.name,
                "serviceLevel": self.service_level,
                "qosType": self.qos_type,
                "sizeTib": self.size_tib,
                "poolId": self.pool_id,
                **settings.outputs(self.pool_id),
            }
        )

    @property
    def ref(self) -> PoolRef:
        """The pool, for the volumes in it."""
        return {
            "resource_group_name": self._account["resource_group_name"],
            "account_name": self._account["name"],
            "name": self.name,
            "service_level": self.service_level,
            "qos_type": self.qos_type,
        }


def _unchangeable(pool: Mapping[str, Any]) -> Mapping[str, Unchangeable]:
    """Return what cannot change: the service level, and cool access once it is on."""
    level = {"serviceLevel": Unchangeable(rules.argument("CapacityPool", "service_level"), _OTHER_LEVEL)}
    cool = {"coolAccess": Unchangeable(rules.argument("CapacityPool", "cool_access"), "true, as Azure has it")}
    return level | cool if pool.get("coolAccess") else level


def _tib(size: float) -> int:
    return int(size) // rules.TIB


def _another_pool(name: str, was: object, wanted: object) -> str:
    return (
        f"CapacityPool {name}: {rules.argument('CapacityPool', 'name')} is {wanted!r}; allowed: {was!r}, the pool that "
        f"the stack has there: another name would replace it. Fix: name {was!r} there again, and {wanted!r} after it"
    )
