"""The outputs of the stack that owns the shares. Copy this file: `require_output` of the SDK says too little."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi


class MissingOutputError(pulumi.RunError):
    """The stack has not all the outputs that are needed. `pulumi` prints it without a traceback."""


def share_stack(stack: str, *needed: str) -> Mapping[str, pulumi.Output[Any]]:
    """The outputs that are needed of a stack (organization/project/stack), by name.

    They are those of the last `pulumi up` there, and secret where they are secret there. Raises `MissingOutputError`,
    already in a preview, with every one that is missing. For a stack that is not there `pulumi` says `unknown stack`.
    """
    reference = pulumi.StackReference(stack)

    def missing(outputs: Mapping[str, Any]) -> Sequence[str]:
        return [name for name in needed if outputs.get(name) is None]

    # Names are no secrets, though the outputs as a whole are secret as soon as one of them is.
    absent = pulumi.Output.unsecret(reference.outputs.apply(missing))

    def required(name: str) -> pulumi.Output[Any]:
        def unless_missing(names: Sequence[str]) -> pulumi.Output[Any]:
            if names:
                raise MissingOutputError(
                    f"Stack {stack} has no output {', '.join(names)}. Fix: `pulumi up` there, with a volume and "
                    "Trident in its stack file, or with a newer version of its program."
                )
            return reference.get_output(name)

        return absent.apply(unless_missing)

    return {name: required(name) for name in needed}
