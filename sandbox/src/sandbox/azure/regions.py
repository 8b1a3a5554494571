"""Azure regions, as `locations` of a subscription and in the lists that errors give."""

from typing import Any, Final

from sandbox.azure.errors import ArmError

_NAMES: Final = """
    Australia East, Brazil South, Canada Central, Central India, Central US, East Asia, East US, East US 2, France
    Central, Germany West Central, Italy North, Japan East, Japan West, Korea Central, Korea South, North Central
    US, North Europe, Norway East, Poland Central, Qatar Central, South Africa North, South Central US, Southeast
    Asia, Spain Central, Sweden Central, Switzerland North, UAE North, UK South, West Europe, West US, West US 2,
    West US 3
"""


def normalized(location: str) -> str:
    """Return `koreacentral` for every spelling of Korea Central."""
    return location.replace(" ", "").lower()


REGIONS: Final = {normalized(name): name for name in " ".join(_NAMES.split()).split(", ")}
"""Display names, by name."""


def check_location(location: object, type_name: str) -> str:
    if not location or not isinstance(location, str):
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    if normalized(location) not in REGIONS:
        text = (
            f"The provided location '{location}' is not available for resource type '{type_name}'. List of available "
            f"regions for the resource type is '{','.join(REGIONS)}'."
        )
        raise ArmError(400, "LocationNotAvailableForResourceType", text)
    return normalized(location)


def check_global(location: object, type_name: str) -> str:
    """Return the place of what is in no region."""
    if not location or not isinstance(location, str):
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    if normalized(location) != "global":
        text = (
            f"The provided location '{location}' is not available for resource type '{type_name}'. List of available "
            "regions for the resource type is 'global'."
        )
        raise ArmError(400, "LocationNotAvailableForResourceType", text)
    return "global"


def locations(subscription: str) -> list[dict[str, Any]]:
    return [
        {
            "id": f"/subscriptions/{subscription}/locations/{name}",
            "name": name,
            "type": "Region",
            "displayName": display,
            "regionalDisplayName": display,
            "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
        }
        for name, display in REGIONS.items()
    ]
