"""API versions: a date, and for some `-preview`. Each provider answers to every date from its first one on.

Errors and registrations show the first and the newest.
"""

import re
from datetime import date
from typing import Final

AKS: Final = ("2020-11-01", "2026-02-01")
MANAGED_IDENTITY: Final = ("2018-11-30", "2024-11-30")
NETAPP: Final = ("2017-08-15", "2026-08-01")
NETAPP_USAGES: Final = ("2024-11-01", "2026-08-01")
NETWORK: Final = ("2015-06-15", "2026-03-01")
RESOURCES: Final = ("2015-11-01", "2025-04-01")
ROLE_ASSIGNMENT: Final = ("2015-07-01", "2022-04-01")
ROLE_DEFINITION: Final = ("2015-07-01", "2022-05-01-preview")

_FORM: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(-preview)?")


def is_version(text: str) -> bool:
    return _FORM.fullmatch(text) is not None


def is_supported(version: str, versions: tuple[str, str]) -> bool:
    try:
        return version >= versions[0] and bool(date.fromisoformat(version.removesuffix("-preview")))
    except ValueError:
        return False
