"""The rules for every stack, one function each; `docs/policy.md` explains why each is mandatory or advisory."""

from typing import Final

from pulumi_policy import Policy

from share_policies.approved_regions import APPROVED_REGIONS
from share_policies.delegated_subnet import DELEGATED_SUBNET
from share_policies.least_privilege import LEAST_PRIVILEGE
from share_policies.pinned_charts import PINNED_CHARTS
from share_policies.plaintext_secrets import NO_PLAINTEXT_SECRETS
from share_policies.private_services import PRIVATE_SERVICES
from share_policies.protected_data import PROTECTED_DATA
from share_policies.retained_volumes import PERSISTENT_VOLUMES_RETAIN, STORAGE_CLASSES_RETAIN
from share_policies.smb_volumes import SMB_VOLUMES

POLICIES: Final[list[Policy]] = [
    PROTECTED_DATA,
    SMB_VOLUMES,
    DELEGATED_SUBNET,
    APPROVED_REGIONS,
    PERSISTENT_VOLUMES_RETAIN,
    STORAGE_CLASSES_RETAIN,
    NO_PLAINTEXT_SECRETS,
    PINNED_CHARTS,
    LEAST_PRIVILEGE,
    PRIVATE_SERVICES,
]
