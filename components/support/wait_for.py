"""The annotation by which the kubernetes plugin waits until an object is ready."""

import json
from typing import Final

WAIT_FOR: Final = "pulumi.com/waitFor"
_UPDATED: Final = f"jsonpath={{.metadata.annotations['{WAIT_FOR}']}}"


def wait_for(*conditions: str) -> dict[str, str]:
    """Return the annotation with these conditions (`jsonpath={PATH}=VALUE`), all of which must hold.

    The plugin may see an object in its cache as it was just before the update. An object that was ready already, such
    as a claim that the stack adopts, would then end the wait, and the next preview would show the update once more. So
    the annotation itself must be there. A later update of annotations alone, which `metadata.generation` does not
    count, needs a condition that names the new one.
    """
    return {WAIT_FOR: json.dumps([*conditions, _UPDATED])}
