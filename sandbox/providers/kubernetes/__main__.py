"""`python -m sandbox.providers.kubernetes ENGINE`: the plugin as a process of the engine's."""

import sandbox.providers.lean_sdk  # noqa: F401  # pyright: ignore[reportUnusedImport]  # makes what follows light

# isort: split
from sandbox.providers.kubernetes.servicer import KubernetesProvider
from sandbox.providers.plugin import serve

if __name__ == "__main__":
    serve(KubernetesProvider)
