"""API versions: a date, and for some `-preview`. Each type answers to every date from its first one on.

Errors and registrations show the first and the newest. Source: the folders of Azure/azure-rest-api-specs.
"""

import re
from datetime import date
from typing import Final

AKS: Final = ("2017-08-31", "2026-06-01")
INSIGHTS: Final = ("2014-04-01", "2024-10-01-preview")
MANAGED_IDENTITY: Final = ("2018-11-30", "2024-11-30")
NETAPP: Final = ("2017-08-15", "2026-08-01")
NETAPP_USAGES: Final = ("2024-11-01", "2026-08-01")
NETWORK: Final = ("2015-06-15", "2026-03-01")
RESOURCE_GRAPH: Final = ("2018-09-01-preview", "2024-04-01")
RESOURCES: Final = ("2015-11-01", "2025-04-01")
ROLE_ASSIGNMENT: Final = ("2015-07-01", "2022-04-01")
ROLE_DEFINITION: Final = ("2015-07-01", "2022-05-01-preview")

FIRST: Final = {
    "microsoft.authorization/locks": "2015-01-01",
    "microsoft.containerservice/managedclusters/agentpools": "2019-02-01",
    "microsoft.insights/actiongroups": "2016-09-01-preview",
    "microsoft.insights/diagnosticsettings": "2015-07-01",
    "microsoft.insights/metricalerts": "2017-09-01-preview",
    "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials": "2022-01-31-preview",
    "microsoft.netapp/netappaccounts/backuppolicies": "2020-05-01",
    "microsoft.netapp/netappaccounts/backupvaults": "2022-11-01-preview",
    "microsoft.netapp/netappaccounts/backupvaults/backups": "2022-11-01-preview",
    "microsoft.netapp/netappaccounts/snapshotpolicies": "2020-05-01",
    "microsoft.network/virtualnetworks/virtualnetworkpeerings": "2016-06-01",
    "microsoft.resources/tags": "2019-10-01",
}
"""The first version of each type that came after its provider, by lower-case name."""

_FORM: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(-preview)?")


def is_version(text: str) -> bool:
    return _FORM.fullmatch(text) is not None


def is_supported(version: str, versions: tuple[str, str]) -> bool:
    try:
        return version >= versions[0] and bool(date.fromisoformat(version.removesuffix("-preview")))
    except ValueError:
        return False
