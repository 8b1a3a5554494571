"""Lets a plugin process import the engine's protocol without the rest of the SDK.

`pulumi.runtime.proto` is generated code that needs nothing, but importing it runs the SDK's own `__init__`, more than
a second of a plugin's start. Import this first, in a plugin's `__main__` and nowhere else: the process cannot use the
SDK afterwards.
"""

import importlib.util
import sys
import types

for _name in ("pulumi", "pulumi.runtime"):
    _spec = importlib.util.find_spec(_name)
    if _spec is None or _spec.submodule_search_locations is None:
        raise ImportError(f"{_name} is not installed", name=_name)
    _package = types.ModuleType(_name)
    _package.__path__ = list(_spec.submodule_search_locations)
    sys.modules[_name] = _package
