"""How long Azure and Trident take is said on the command line, and stays said."""

from pathlib import Path
from unittest.mock import MagicMock

import pytest

from sandbox import sandbox as parts
from sandbox.durations import SandboxDurations
from sandbox.errors import SandboxError
from sandbox.nodes import lifecycle
from sandbox.paths import SandboxPaths
from sandbox.sandbox import Sandbox

VOLUMES = "Microsoft.NetApp/netAppAccounts/capacityPools/volumes"


@pytest.mark.parametrize(
    ("profile", "overrides", "wanted"),
    [
        (None, [], None),
        ("realistic", [], SandboxDurations("realistic")),
        (None, [f"{VOLUMES.lower()}:create=360"], SandboxDurations("instant", {f"{VOLUMES}:create": 360})),
        (
            "realistic",
            [f"{VOLUMES}:create=2.5", f"{VOLUMES}:delete=0"],
            SandboxDurations("realistic", {f"{VOLUMES}:create": 2.5, f"{VOLUMES}:delete": 0}),
        ),
    ],
)
def test_what_a_command_line_says(profile: str | None, overrides: list[str], wanted: SandboxDurations | None) -> None:
    assert SandboxDurations.parse(profile, overrides) == wanted


@pytest.mark.parametrize(
    ("profile", "override", "said"),
    [
        ("quick", f"{VOLUMES}:create=1", "There are: instant, realistic"),
        (None, "volumes:create=360", VOLUMES),
        (None, f"{VOLUMES}:make=360", "create|update|delete"),
        (None, f"{VOLUMES}:create=long", "TYPE:create|update|delete=SECONDS"),
    ],
)
def test_what_is_unknown_is_refused_with_what_there_is(profile: str | None, override: str, said: str) -> None:
    with pytest.raises(SandboxError) as refused:
        SandboxDurations.parse(profile, [override])
    assert said in str(refused.value)


def test_a_sandbox_keeps_what_it_was_started_with(tmp_path: Path) -> None:
    paths = SandboxPaths(tmp_path)
    assert SandboxDurations.kept(paths) == SandboxDurations("instant")
    slow = SandboxDurations("realistic", {f"{VOLUMES}:create": 360})
    slow.keep(paths)
    assert SandboxDurations.kept(paths) == slow
    assert str(slow) == f"realistic, {VOLUMES}:create 360 s"


def test_a_sandbox_is_started_with_them_and_again_when_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[SandboxDurations] = []

    def services(_: SandboxPaths, *, durations: SandboxDurations) -> MagicMock:
        started.append(durations)
        return MagicMock()

    for name in ("toolchain", "ControlPlane"):
        monkeypatch.setattr(parts, name, MagicMock())
    monkeypatch.setattr(lifecycle, "apply_nodes", MagicMock())
    monkeypatch.setattr(parts, "plugins", MagicMock())
    monkeypatch.setattr(parts, "Services", services)
    sandbox, progress = Sandbox(SandboxPaths(tmp_path)), MagicMock()
    instant, slow = SandboxDurations(), SandboxDurations("realistic", {f"{VOLUMES}:create": 360.0})
    sandbox.up(progress)
    sandbox.up(progress, slow)
    progress.say.assert_called_once_with(f"Durations: realistic, {VOLUMES}:create 360 s.")
    sandbox.up(progress)
    sandbox.up(progress, instant)
    assert started == [instant, slow, slow, instant]


def test_a_process_that_is_given_them_on_its_command_line_reads_the_same() -> None:
    slow = SandboxDurations("realistic", {f"{VOLUMES}:create": 360.0})
    (_, profile), *overrides = (argument.split("=", 1) for argument in slow.arguments())
    assert SandboxDurations.parse(profile, [override for _, override in overrides]) == slow
    assert slow.azure().of(VOLUMES, "create") == 360
