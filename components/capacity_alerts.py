"""Alerts of Azure Monitor on volumes and capacity pools that are almost full."""

from functools import cache
from typing import Any, Final, NamedTuple, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import monitor

from components import rules
from components.guest.azure_types import AzureType
from components.guest.existing_objects import refuse_existing
from components.guest.kept_settings import KeptSettings
from components.resource_group import ResourceGroupRef
from components.rules import alerts as alert_rules
from components.rules.tags import check_tags
from components.support.options import Limits, child_options
from components.support.references import fields
from components.support.transient_errors import METRIC_UNKNOWN, wait_out

_CRITERIA: Final = "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria"
_WARNING: Final = 2
_IF_THERE: Final = "delete it, if no other stack has it"


@cache
def metric_alert() -> AzureType:
    """Return the type. Only a stack with alerts loads azure-native's monitor, which takes a fifth of a second."""
    return AzureType(
        title="The metric alert",
        look_up="azure-native:monitor:getMetricAlert",
        names=("resourceGroupName", "ruleName"),
        inputs=monitor.MetricAlertArgs,
        no_settings=("location",),
    )


class _Metric(NamedTuple):
    """What an alert watches."""

    kind: str
    """The type of the resources."""
    name: str
    text: str
    """The alert's description; {0} is the percentage."""


_VOLUMES: Final = _Metric(
    "Microsoft.NetApp/netAppAccounts/capacityPools/volumes",
    "VolumeConsumedSizePercentage",
    "Files and snapshots use {0} % of a volume or more. Nobody can write to a full one.",
)
_POOLS: Final = _Metric(
    "Microsoft.NetApp/netAppAccounts/capacityPools",
    "VolumePoolAllocatedUsed",
    "The volumes' sizes add up to {0} % of the pool or more. In a full one no claim is bound, and no volume grows.",
)


class AlertPoolArgs(TypedDict):
    """A capacity pool to watch."""

    pool_id: pulumi.Input[str]
    """The pool's resource id."""
    size_tib: pulumi.Input[int]
    """The pool's size in TiB: another size changes the threshold of its alert."""


class CapacityAlertsArgs(TypedDict):
    """Arguments of `CapacityAlerts`."""

    resource_group: pulumi.Input[ResourceGroupRef]
    """The resource group of the alerts."""
    name: pulumi.Input[str]
    """The beginning of the alerts' names: NAME-volumes and NAME-pool-POOL, unique in the group."""
    location: pulumi.Input[str]
    """The region of the volumes and pools. The alerts themselves are global."""
    action_group_id: pulumi.Input[str]
    """The id of the action group of Azure Monitor that the alerts tell, in any group and subscription."""
    percent: NotRequired[pulumi.Input[int | None]]
    """From how many percent of a volume or a pool the alerts fire, 1 to 99. Default: 80."""
    volume_scopes: NotRequired[list[pulumi.Input[str]]]
    """The ids of volumes, or of a resource group with at least one: all in it, later ones too. Default: no alert."""
    pools: NotRequired[dict[str, AlertPoolArgs]]
    """The pools to watch, by their names. Default: none."""
    tags: NotRequired[pulumi.Input[dict[str, str] | None]]
    """Tags of the alerts, by their names. Tags that others put on them stay. Default: none."""


class CapacityAlerts(pulumi.ComponentResource):
    """One metric alert on all volumes, and one on each pool; they resolve themselves.

    A volume counts as Azure meters it, with its snapshots: the metric VolumeConsumedSizePercentage. A pool is full when
    the sizes of its volumes add up to its own (VolumePoolAllocatedUsed), whatever is in them: then no claim is bound,
    and no volume grows. Azure has no percentage of it, so that the threshold is a part of its size in bytes. An alert
    that fires is a warning (severity 2). Values that Azure would refuse are an error.
    Source: https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-metrics
    """

    alert_ids: pulumi.Output[dict[str, str]]
    """The resource ids of the alerts, by the ends of their names: volumes, pool-POOL."""

    def __init__(self, name: str, args: CapacityAlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:CapacityAlerts", name, {}, opts)
        rules.check_args(
            "CapacityAlerts",
            args,
            {
                "name": alert_rules.ALERT_NAME,
                "action_group_id": alert_rules.ACTION_GROUP_ID,
                "percent": alert_rules.PERCENT,
            },
        )
        check_tags("CapacityAlerts", args.get("tags"))
        self._args, self._opts = args, opts
        self._made: dict[str, pulumi.Output[Any]] = {}
        self._ids: dict[str, pulumi.Output[str]] = {}
        percent = pulumi.Output.from_input(args.get("percent"))
        self._percent = percent = percent.apply(lambda given: given or alert_rules.DEFAULT_PERCENT)
        if scopes := args.get("volume_scopes"):
            self._alert(name, "volumes", _VOLUMES, scopes, percent.apply(float))
        for pool_name, pool in args.get("pools", {}).items():
            bytes_from = pulumi.Output.all(pool["size_tib"], percent).apply(_threshold)
            self._alert(name, f"pool-{pool_name}", _POOLS, [pool["pool_id"]], bytes_from)
        self.alert_ids = pulumi.Output.all(**self._ids).apply(dict)
        self.register_outputs({"alertIds": self.alert_ids, **self._made})

    def _alert(
        self,
        name: str,
        ending: str,
        metric: _Metric,
        scopes: list[pulumi.Input[str]],
        threshold: pulumi.Output[float],
    ) -> None:
        child = f"{name}-{ending}-alert"
        settings = KeptSettings(self, child, metric_alert(), is_one_of_several=True)
        limits = Limits.of(self._opts, 30)
        criterion = monitor.MetricCriteriaArgs(
            criterion_type="StaticThresholdCriterion",
            name="almost-full",
            metric_name=metric.name,
            metric_namespace=metric.kind,
            time_aggregation="Average",
            operator="GreaterThanOrEqual",
            threshold=threshold,
        )
        alert = monitor.MetricAlert(
            child,
            resource_group_name=fields(self._args["resource_group"], ResourceGroupRef)["name"],
            rule_name=pulumi.Output.concat(self._args["name"], "-", ending),
            location="global",
            tags=self._args.get("tags"),
            description=pulumi.Output.format(metric.text, self._percent),
            severity=_WARNING,
            enabled=True,
            auto_mitigate=True,
            scopes=scopes,
            target_resource_type=metric.kind,
            target_resource_region=self._args["location"],
            # Azure measures both each 5 minutes.
            evaluation_frequency="PT5M",
            window_size="PT15M",
            criteria=monitor.MetricAlertMultipleResourceMultipleMetricCriteriaArgs(
                odata_type=_CRITERIA, all_of=[criterion]
            ),
            actions=[monitor.MetricAlertActionArgs(action_group_id=self._args["action_group_id"])],
            opts=settings.options(
                child_options(
                    self,
                    self._opts,
                    limits=limits,
                    before_create=refuse_existing(f"{child}-exists", self, "metric alert", ways_out=_IF_THERE),
                    hooks=pulumi.ResourceHookBinding(
                        on_error=[wait_out(self, f"{child}-metric", limits.create, METRIC_UNKNOWN)]
                    ),
                )
            ),
        )
        self._ids[ending] = alert.id
        self._made |= settings.outputs(alert.id)


def _threshold(of: list[Any]) -> float:
    size_tib, percent = of
    return float(size_tib * rules.TIB * percent / 100)
