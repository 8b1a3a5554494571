"""JSON merge patches that leave nothing of what was there."""

from sandbox.kube.objects import Json


def replacing(old: Json, new: Json) -> Json:
    """Return the merge patch that turns `old` into `new`: it names the keys to remove as null."""
    patch: Json = dict.fromkeys(old.keys() - new.keys())
    for name, value in new.items():
        before = old.get(name)
        patch[name] = replacing(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return patch
