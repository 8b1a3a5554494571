"""The sandbox's app registrations: what their secrets look like."""

from pathlib import Path

from sandbox.azure.entra.credentials import ensure
from sandbox.paths import SandboxPaths


def test_no_client_secret_looks_like_an_option_of_a_command(tmp_path: Path) -> None:
    """`az login --password` refuses one that begins with a -, as one of 64 random ones does."""
    made = [ensure(SandboxPaths(tmp_path / str(number))).client_secret for number in range(300)]
    assert len(set(made)) == len(made)
    assert [secret for secret in made if secret.startswith("-")] == []
