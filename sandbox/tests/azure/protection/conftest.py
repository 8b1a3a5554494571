from pathlib import Path

import pytest

from tests.azure.names import VOLUME, Json
from tests.azure.world import World


class ProtectedWorld(World):
    """A small Azure with the files of its share."""

    def write(self, text: str, volume: str = VOLUME) -> None:
        folder = self.files.folder(*self._share(volume))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "file.txt").write_text(text)

    def read(self, volume: str = VOLUME) -> str:
        return (self.files.folder(*self._share(volume)) / "file.txt").read_text()

    def _share(self, volume: str) -> tuple[str, str]:
        shown: Json = self.shown(volume)
        return shown["mountTargets"][0]["smbServerFqdn"], shown["creationToken"]


@pytest.fixture
def volume(tmp_path: Path) -> ProtectedWorld:
    """Return a world with a volume whose share has a file."""
    world = ProtectedWorld(tmp_path)
    world.up_to_volume()
    world.write("first")
    return world
