"""`python -m sandbox.plugins.azure_native ENGINE-ADDRESS`: the plugin process that the engine starts."""

import sandbox.plugins.lean_sdk  # noqa: F401  # pyright: ignore[reportUnusedImport]  # makes what follows light

# isort: split
from sandbox.plugins.azure_native.provider import AzureNative
from sandbox.plugins.plugin import serve

serve(AzureNative)
