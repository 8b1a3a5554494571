"""The component package's plugin: `pulumi package add` runs this folder."""

import importlib.util
import sys
from pathlib import Path

from pulumi.provider.experimental import component_provider_host


def _load_package() -> None:
    """Make `components` importable whatever this folder is called: the engine copies it to a folder of its own."""
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        "components", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError("the package has no __init__.py", name="components")
    module = importlib.util.module_from_spec(spec)
    sys.modules["components"] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    _load_package()
    from components.package import NAME, VERSION, described
    from components.support.package_host import keep_unset_options

    keep_unset_options()
    component_provider_host(name=NAME, version=VERSION, components=described())
