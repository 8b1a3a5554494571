"""`python -m sandbox.providers.azure_native ENGINE-ADDRESS`: the plugin process that the engine starts."""

import sandbox.providers.lean_sdk  # noqa: F401  # pyright: ignore[reportUnusedImport]  # makes what follows light

# isort: split
from sandbox.providers.azure_native.provider import AzureNative
from sandbox.providers.plugin import serve

serve(AzureNative)
