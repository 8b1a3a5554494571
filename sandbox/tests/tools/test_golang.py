"""What a build gets of the user's environment."""

from pathlib import Path

import pytest

from sandbox.tools.golang import Go


def test_when_the_compiler_collects_garbage_is_the_users_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOGC", raising=False)
    monkeypatch.setenv("GOMEMLIMIT", "500MiB")
    environment = Go(Path("go"), {}).environment(tmp_path)
    assert (environment["GOGC"], environment["GOMEMLIMIT"]) == ("400", "500MiB")
