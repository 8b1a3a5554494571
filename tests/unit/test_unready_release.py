"""The error for an unready Helm release names the awaited objects and the command to watch them."""

import pulumi
import pytest

from components.support.unready_release import unready_release
from tests.unit.unit_mocks import run

OUT_OF_TIME = "release smb failed, and has been uninstalled due to atomic being set: context deadline exceeded"
SAID = (
    "Helm release smb: its Pods were not ready within 900 s. Watch them during the next `pulumi up`: "
    "kubectl get deployments,daemonsets,pods,events -n kube-system"
)


def log_of(monkeypatch: pytest.MonkeyPatch, error: str, operation: str = "create") -> list[str]:
    """Return the log after a failed operation on the release."""
    logged: list[str] = []

    def log(message: str, resource: pulumi.Resource | None = None) -> None:
        assert resource is not None
        logged.append(message)

    monkeypatch.setattr(pulumi.log, "error", log)

    def program() -> None:
        owner = pulumi.ComponentResource("test:index:Owner", "owner")
        inputs = {"name": "smb", "namespace": "kube-system", "timeout": 900.0}
        args = pulumi.ErrorHookArgs(
            urn="", id="", name="", type="", new_inputs=inputs, failed_operation=operation, errors=[error]
        )
        assert unready_release(owner, "unready")(args) is False

    run(program)
    return logged


@pytest.mark.parametrize("operation", ["create", "update"])
def test_a_release_out_of_time_names_what_was_awaited(monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    assert log_of(monkeypatch, OUT_OF_TIME, operation) == [SAID]


def test_other_errors_speak_for_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    assert log_of(monkeypatch, "cannot re-use a name that is still in use") == []
    assert log_of(monkeypatch, OUT_OF_TIME, "delete") == []
