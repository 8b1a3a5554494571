"""The stack files of the benchmarks: that of dev, and the same with any number of volumes."""

from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import yaml

PROJECT: Final = Path(__file__).parent.parent
POOL_TAKES: Final = 500
"""The most volumes in a capacity pool."""


def dev() -> dict[str, Any]:
    """Return the committed stack file dev."""
    return yaml.safe_load((PROJECT / "Pulumi.dev.yaml").read_text())


def scaled(volumes: int) -> dict[str, Any]:
    """Return dev with so many volumes, without Trident and the sample Pods, and with as many pools as they need."""
    content = deepcopy(dev())
    config = content["config"]
    for key in ("trident", "dynamicClaims"):
        config.pop(f"anf-smb:{key}", None)
    config["anf-smb:sampleWorkload"] = False
    pools = -(-volumes // POOL_TAKES)
    config["anf-smb:pools"] = [
        {"name": f"pool-{number}", "serviceLevel": "Standard", "sizeTiB": 25} for number in range(pools)
    ]
    config["anf-smb:volumes"] = [
        {"name": f"v{number:04}", "sizeGiB": 50, "pool": f"pool-{number // POOL_TAKES}"} for number in range(volumes)
    ]
    return content
