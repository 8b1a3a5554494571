"""What people and logs are told while they wait."""

import io
import re

import pytest
from rich.console import Console

from sandbox.progress import PlainProgress, RichProgress, duration


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (754, "12 min 34 s")]
)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


class TestPlain:
    def test_says_when_a_step_begins_and_ends(self) -> None:
        output = io.StringIO()
        with PlainProgress(output).step("Building etcd"):
            assert output.getvalue() == "Building etcd …\n"
        assert re.fullmatch(r"Building etcd …\nBuilding etcd: done in \d+ s\n", output.getvalue())

    def test_does_not_repeat_itself_every_second(self) -> None:
        output = io.StringIO()
        with PlainProgress(output).step("Building etcd") as step:
            for second in range(20):
                step.update(f"{second} s")
        assert len(output.getvalue().splitlines()) == 2

    def test_gives_a_sign_of_life_now_and_then(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sandbox.progress._QUIET_SECONDS", 0)
        output = io.StringIO()
        with PlainProgress(output).step("Building etcd") as step:
            step.update("31 s, about 1 min")
        assert "Building etcd: 31 s, about 1 min\n" in output.getvalue()

    def test_a_step_that_fails_is_not_said_to_be_done(self) -> None:
        output = io.StringIO()
        with pytest.raises(ValueError, match="no"), PlainProgress(output).step("Building etcd"):
            raise ValueError("no")
        assert output.getvalue().splitlines()[-1].startswith("Building etcd: failed after")


class TestRich:
    def test_shows_titles_and_lines_as_they_are(self) -> None:
        output = io.StringIO()
        progress = RichProgress(Console(file=output, width=100))
        progress.say("at [red]/tmp[/red]")
        with progress.step("Building [etcd]") as step:
            step.update("[1 of 2]")
        with pytest.raises(ValueError, match="no"), progress.step("Building kwok"):
            raise ValueError("no")
        said = output.getvalue()
        assert "at [red]/tmp[/red]" in said
        assert re.search(r"✓ Building \[etcd\] \(\d+ s\)", said)
        assert re.search(r"✗ Building kwok \(\d+ s\)", said)
