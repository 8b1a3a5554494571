"""`python -m sandbox.plugins.azure_native ENGINE-ADDRESS`: the plugin process that the engine starts."""

import sandbox.plugins.lean_sdk  # noqa: F401  # pyright: ignore[reportUnusedImport]  # makes what follows light

# isort: split
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.plugins.azure_native.provider import AzureNative
from sandbox.plugins.plugin import serve

serve(AzureNative, provider_pb2_grpc.add_ResourceProviderServicer_to_server)
