"""Build a trouble from the errors that name it, so that its symptom and its pattern say the same."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from verify.trouble import Trouble

RESTART_NODE: Final = (
    "`kubectl drain {node} --ignore-daemonsets --delete-emptydir-data --force` (Pods without a controller are gone "
    "then), restart its virtual machine, `kubectl uncordon {node}`, `pulumi up --refresh --stack {stack}`"
)


def mount_trouble(
    name: str,
    cause: str,
    fix: str,
    *,
    windows: Mapping[int, str] | None = None,
    linux: Mapping[int, str] | None = None,
    texts: Sequence[str] = (),
) -> Trouble:
    """Return the trouble of these errors: each is found by its number, and by its sentence without the number."""
    on_windows, on_linux = windows or {}, linux or {}
    symptoms = [f"`{sentence}` (Windows System Error {number})" for number, sentence in on_windows.items()]
    symptoms += [f"`{text}`" for text in texts]
    if on_linux:
        mount_errors = ", ".join(f"`mount error({number}): {sentence}`" for number, sentence in on_linux.items())
        symptoms.append(f"Linux: {mount_errors}")
    patterns = [rf"Windows System Error {number}\b|{re.escape(text)}" for number, text in on_windows.items()]
    patterns += [rf"mount error\({number}\)" for number in on_linux]
    patterns += [re.escape(text) for text in texts]
    return Trouble(name=name, symptom=", ".join(symptoms), cause=cause, fix=fix, pattern="|".join(patterns))
