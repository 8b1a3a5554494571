"""Versions of Trident, which are dates."""


def release(version: str) -> tuple[int, int]:
    """Year and month of a version of Trident: (26, 6) of `26.06.0` and of the chart's `100.2606.0`."""
    parts = version.removeprefix("v").split(".")
    if parts[0] == "100":
        return int(parts[1][:2]), int(parts[1][2:])
    return int(parts[0]), int(parts[1])
