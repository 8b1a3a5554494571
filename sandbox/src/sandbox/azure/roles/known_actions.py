"""Actions that roles may name: Azure refuses a role as a whole for one action that no provider has.

The providers that this project's roles are about are known in full as far as their resources go; of others only the
namespace is checked. Source: learn.microsoft.com/azure/role-based-access-control/resource-provider-operations.
"""

from typing import Final

from sandbox.azure.errors import ArmError

_PROVIDERS: Final = """
    authorization advisor apimanagement app automation batch billing blueprint cache cdn cognitiveservices compute
    consumption containerinstance containerregistry containerservice costmanagement databricks datafactory dbformysql
    dbforpostgresql devtestlab documentdb eventgrid eventhub features hybridcompute insights keyvault kubernetes
    kubernetesconfiguration logic machinelearningservices managedidentity management monitor netapp network
    notificationhubs operationalinsights policyinsights portal recoveryservices relay resourcegraph resourcehealth
    resources search security servicebus signalrservice sql storage storagesync streamanalytics support synapse web
"""
_NAMESPACES: Final = frozenset(f"microsoft.{name}" for name in _PROVIDERS.split())
_VOLUME_ACTIONS: Final = """
    revert resetcifspassword approvereplication breakreplication reestablishreplication reinitializereplication
    deletereplication resyncreplication authorizereplication poolchange relocate finalizerelocation revertrelocation
    breakfilelocks listreplications populateavailabilityzone
"""

_VERBS: Final = frozenset({"read", "write", "delete", "action"})
_RWD: Final = ("read", "write", "delete")

_NETAPP: Final = "microsoft.netapp/netappaccounts"
_VOLUME: Final = f"{_NETAPP}/capacitypools/volumes"
_VNET: Final = "microsoft.network/virtualnetworks"
_FEATURES: Final = "microsoft.features"

_RESOURCES: Final[dict[str, tuple[str, ...]]] = {
    _NETAPP: (*_RWD, "renewcredentials/action", "migratebackups/action"),
    f"{_NETAPP}/capacitypools": _RWD,
    _VOLUME: (*_RWD, *(f"{word}/action" for word in _VOLUME_ACTIONS.split())),
    f"{_VOLUME}/snapshots": (*_RWD, "restorefiles/action"),
    f"{_VOLUME}/mounttargets": ("read",),
    f"{_VOLUME}/replicationstatus": ("read",),
    f"{_VOLUME}/backupstatus": ("read",),
    f"{_VOLUME}/restorestatus": ("read",),
    f"{_VOLUME}/subvolumes": (*_RWD, "getmetadata/action"),
    f"{_VOLUME}/volumequotarules": _RWD,
    f"{_NETAPP}/snapshotpolicies": (*_RWD, "listvolumes/action"),
    f"{_NETAPP}/backuppolicies": _RWD,
    f"{_NETAPP}/backupvaults": _RWD,
    f"{_NETAPP}/backupvaults/backups": (*_RWD, "restorefiles/action"),
    f"{_NETAPP}/volumegroups": _RWD,
    "microsoft.netapp/locations": (
        "read",
        "checknameavailability/action",
        "checkfilepathavailability/action",
        "checkquotaavailability/action",
        "querynetworksiblingset/action",
        "updatenetworksiblingset/action",
    ),
    "microsoft.netapp/locations/operationresults": ("read",),
    "microsoft.netapp/locations/regioninfo": ("read",),
    "microsoft.netapp/locations/quotalimits": ("read",),
    "microsoft.netapp/operations": ("read",),
    "microsoft.netapp": ("register/action", "unregister/action"),
    _VNET: (*_RWD, "join/action", "peer/action", "joinloadbalancer/action"),
    f"{_VNET}/subnets": (*_RWD, "join/action", "joinviaserviceendpoint/action", "preparenetworkpolicies/action"),
    f"{_VNET}/subnets/virtualmachines": ("read",),
    f"{_VNET}/virtualmachines": ("read",),
    f"{_VNET}/usages": ("read",),
    f"{_VNET}/checkipaddressavailability": ("read",),
    f"{_VNET}/virtualnetworkpeerings": _RWD,
    f"{_VNET}/customviews": ("read", "get/action"),
    f"{_FEATURES}/features": ("read",),
    f"{_FEATURES}/operations": ("read",),
    f"{_FEATURES}/providers/features": ("read", "register/action", "unregister/action"),
    f"{_FEATURES}/featureproviders/subscriptionfeatureregistrations": _RWD,
    f"{_FEATURES}/subscriptionfeatureregistrations": _RWD,
    _FEATURES: ("register/action",),
}
_KNOWN: Final = frozenset(f"{kind}/{verb}" for kind, verbs in _RESOURCES.items() for verb in verbs)
_LISTED: Final = ("microsoft.netapp/", f"{_VNET}/", "microsoft.features/")


def check_action(action: str) -> None:
    lower = action.lower()
    namespace = lower.partition("/")[0]
    if "*" in namespace:
        return
    if namespace not in _NAMESPACES:
        text = (
            "The resource provider referenced in the action is not returned in the list of providers from Azure "
            "Resource Manager."
        )
        raise ArmError(400, "InvalidActionOrNotAction", text)
    listed = lower.startswith(_LISTED)
    if "*" not in lower and (lower not in _KNOWN if listed else lower.rpartition("/")[2] not in _VERBS):
        text = f"'{action}' does not match any of the actions supported by the providers."
        raise ArmError(400, "InvalidActionOrNotAction", text)
