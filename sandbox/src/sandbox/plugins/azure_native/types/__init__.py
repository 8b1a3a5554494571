"""Every type and function that the plugin knows, by its token."""

from collections.abc import Mapping
from typing import Final

from sandbox.plugins.azure_native.schema import Invoke, ResourceType
from sandbox.plugins.azure_native.types import (
    authorization,
    containerservice,
    managedidentity,
    netapp,
    netapp_protection,
    netapp_volume,
    network,
    resources,
)

_PROVIDERS: Final = (
    resources,
    network,
    netapp,
    netapp_volume,
    netapp_protection,
    authorization,
    managedidentity,
    containerservice,
)

RESOURCES: Final[Mapping[str, ResourceType]] = {row.name: row for provider in _PROVIDERS for row in provider.TYPES}
INVOKES: Final[Mapping[str, Invoke]] = {row.name: row for provider in _PROVIDERS for row in provider.INVOKES}
