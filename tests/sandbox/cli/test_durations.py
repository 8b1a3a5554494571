"""How long Azure and Trident take is said on the command line, and stays said."""

from pathlib import Path

import pytest

from sandbox.durations import SandboxDurations
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths

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
