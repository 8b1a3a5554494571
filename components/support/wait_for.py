"""The annotation by which the kubernetes plugin waits until an object is ready."""

import json
from typing import Final

WAIT_FOR: Final = "pulumi.com/waitFor"
_UPDATED: Final = f"jsonpath={{.metadata.annotations['{WAIT_FOR}']}}"


def wait_for(*conditions: str) -> dict[str, str]:
    """Return the annotation with these conditions (`jsonpath={PATH}=VALUE`), all of which must hold.

    The plugin may see the object as it was just before the update, from its cache. What is ready already (a claim that
    the stack adopts) would then end the wait with the old object, and the next preview would show the update once more.
    So the annotation itself must be there. An update that leaves the conditions as they were, and changes neither
    `metadata.generation` nor the first annotation, needs a condition of its own.
    """
    return {WAIT_FOR: json.dumps([*conditions, _UPDATED])}
