"""Stand-in for pulumi-resource-azure-native 3.29.0: translates inputs to Azure Resource Manager calls, as that does.

It speaks only to an emulator that a metadata host names. What it knows of Azure's types is in `types/`, a row a type;
all else treats every type alike.
"""

from typing import Final

VERSION: Final = "3.29.0"
"""The version of the genuine plugin that is stood in for; the SDK's must not be newer."""
