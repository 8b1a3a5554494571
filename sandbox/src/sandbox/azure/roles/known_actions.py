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
_VERBS: Final = frozenset({"read", "write", "delete", "action"})

_ANF: Final = "microsoft.netapp/netappaccounts"
_VOLUMES: Final = f"{_ANF}/capacitypools/volumes"
_VNETS: Final = "microsoft.network/virtualnetworks"
_RESOURCES: Final = f"""
    {_ANF} read write delete renewcredentials/action migratebackups/action
    {_ANF}/capacitypools read write delete
    {_VOLUMES} read write delete revert/action resetcifspassword/action approvereplication/action
    {_VOLUMES} breakreplication/action reestablishreplication/action reinitializereplication/action
    {_VOLUMES} deletereplication/action resyncreplication/action authorizereplication/action poolchange/action
    {_VOLUMES} relocate/action finalizerelocation/action revertrelocation/action breakfilelocks/action
    {_VOLUMES} listreplications/action populateavailabilityzone/action
    {_VOLUMES}/snapshots read write delete restorefiles/action
    {_VOLUMES}/mounttargets read
    {_VOLUMES}/replicationstatus read
    {_VOLUMES}/backupstatus read
    {_VOLUMES}/restorestatus read
    {_VOLUMES}/subvolumes read write delete getmetadata/action
    {_VOLUMES}/volumequotarules read write delete
    {_ANF}/snapshotpolicies read write delete listvolumes/action
    {_ANF}/backuppolicies read write delete
    {_ANF}/backupvaults read write delete
    {_ANF}/backupvaults/backups read write delete restorefiles/action
    {_ANF}/volumegroups read write delete
    microsoft.netapp/locations read checknameavailability/action checkfilepathavailability/action
    microsoft.netapp/locations checkquotaavailability/action querynetworksiblingset/action
    microsoft.netapp/locations updatenetworksiblingset/action
    microsoft.netapp/locations/operationresults read
    microsoft.netapp/locations/regioninfo read
    microsoft.netapp/locations/quotalimits read
    microsoft.netapp/operations read
    microsoft.netapp register/action unregister/action
    {_VNETS} read write delete join/action peer/action joinloadbalancer/action
    {_VNETS}/subnets read write delete join/action joinviaserviceendpoint/action preparenetworkpolicies/action
    {_VNETS}/subnets/virtualmachines read
    {_VNETS}/virtualmachines read
    {_VNETS}/usages read
    {_VNETS}/checkipaddressavailability read
    {_VNETS}/virtualnetworkpeerings read write delete
    {_VNETS}/customviews read get/action
    microsoft.features/features read
    microsoft.features/operations read
    microsoft.features/providers/features read register/action unregister/action
    microsoft.features/featureproviders/subscriptionfeatureregistrations read write delete
    microsoft.features/subscriptionfeatureregistrations read write delete
    microsoft.features register/action
"""
"""A type and its actions a line."""

_KNOWN: Final = frozenset(
    f"{kind}/{verb}" for kind, *verbs in map(str.split, _RESOURCES.strip().splitlines()) for verb in verbs
)
_LISTED: Final = ("microsoft.netapp/", f"{_VNETS}/", "microsoft.features/")


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
