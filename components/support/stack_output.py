"""An output of another stack, with an error that names stack and output where there is none."""

from typing import Any

import pulumi

from components.support.lookup import LookupFailedError


def stack_output(stack: str, output: str) -> pulumi.Output[Any]:
    """Return an output of another stack, from the last `up` there; a secret one stays secret.

    Raises `LookupFailedError`, already in a preview, for a stack without such an output. The engine itself refuses a
    missing stack: `unknown stack`, at the reference that has the output in its name.

    Args:
        stack: its full name, organization/project/stack; in a backend of one's own, organization is `organization`.
        output: the name of a top-level output: secretness is known of these alone.

    """

    def found(value: Any) -> Any:
        if value is None:
            raise LookupFailedError(
                f"Stack {stack} has no output {output}. Fix: `pulumi up` there, or name one that it has; "
                f"`pulumi stack output --stack {stack}` lists them."
            )
        return value

    return pulumi.StackReference(f"{output}-of-{stack}", stack).get_output(output).apply(found)
