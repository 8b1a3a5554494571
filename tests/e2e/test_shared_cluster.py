"""A protected stack whose namespaces others use: no command takes away what is in them."""

import time
from typing import Any

import pytest

from tests.e2e.conftest import Run, Stack, operations
from tests.e2e.others_in_cluster import Seen, move_in, seen

VOLUME = {"name": "smb", "sizeGiB": 100}
CLAIM = {"name": "smb-dynamic", "sizeGiB": 100}


@pytest.fixture(scope="module")
def before(stack: Stack) -> Seen:
    """Return what is there after an `up`, with what another team adds."""
    stack.up()
    move_in(stack)
    found = seen(stack)
    assert len(found.objects) == 8
    assert len(found.volumes) == len(found.files) == len(found.bound) == 2
    return found


def refused(run: Run, *texts: str) -> None:
    assert run.code != 0
    output = " ".join(run.output.split())
    for text in texts:
        assert text in output
    assert "Traceback" not in output


def test_a_changed_namespace_is_refused_with_key_and_fix_and_no_hint_to_unprotect(stack: Stack, before: Seen) -> None:
    stack.configure(volumes=[VOLUME | {"namespace": "web"}])
    try:
        run = stack.pulumi("preview")
        refused(run, "namespace (anf-smb:volumes[].namespace) is 'web'; allowed: 'smb-static'", "Fix: 'smb-static'")
        assert "state unprotect" not in run.output
        # That the namespace stays in the stack, as an existing one, changes nothing.
        stack.configure(existingNamespaces=["smb-static"])
        run = stack.pulumi("preview")
        refused(run, "allowed: 'smb-static'")
        assert "state unprotect" not in run.output
    finally:
        stack.as_committed()
    stack.configure(dynamicClaims=[CLAIM | {"namespace": "web"}])
    try:
        refused(stack.pulumi("preview"), "namespace (anf-smb:dynamicClaims[].namespace) is 'web'", "'smb-dynamic'")
    finally:
        stack.as_committed()
    assert seen(stack) == before


def test_destroy_is_refused_before_it_deletes_anything(stack: Stack, before: Seen) -> None:
    refused(stack.pulumi("destroy", "--yes"), "cannot be deleted because it is protected")
    assert stack.pulumi("preview", "--expect-no-changes").code == 0
    assert seen(stack) == before


def test_state_unprotect_takes_nothing_away_and_the_next_up_protects_again(stack: Stack, before: Seen) -> None:
    assert stack.pulumi("state", "unprotect", "--all", "--yes").code == 0
    stack.configure(volumes=[VOLUME | {"namespace": "web"}], dynamicClaims=[CLAIM | {"namespace": "jobs"}])
    try:
        refused(stack.pulumi("up", "--yes"), "allowed: 'smb-")  # the state still retains what it does not protect
    finally:
        stack.as_committed()
    stack.up()
    protected = {resource["urn"].rsplit("::", 1)[-1] for resource in _custom(stack) if resource.get("protect")}
    assert {"smb-static-namespace", "smb-claim", "smb-persistent-volume", "smb-dynamic-claim"} <= protected
    assert seen(stack) == before


def test_a_namespace_that_becomes_existing_is_forgotten_without_an_unprotect(stack: Stack, before: Seen) -> None:
    stack.configure(existingNamespaces=["smb-static"])
    assert operations(stack.events()) == {"smb-static-namespace": "read"}
    stack.up()
    run = stack.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert run.code == 0, run.output
    assert "smb-static-namespace" not in {resource["urn"].rsplit("::", 1)[-1] for resource in _custom(stack)}
    assert seen(stack) == before


def test_destroy_that_ignores_protection_keeps_data_and_namespaces_and_ends_soon(stack: Stack, before: Seen) -> None:
    began = time.monotonic()
    run = stack.pulumi("destroy", "--yes", "--ignore-protect")
    assert run.code == 0, run.output
    assert time.monotonic() - began < 300  # Trident would never release a backend with volumes
    assert "smb-dynamic-namespace deleted" in run.output
    assert "[retain]" in run.output
    assert _custom(stack) == []
    assert seen(stack) == before
    assert stack.get("tbc", "backend-tbc-anf-smb", "trident")["metadata"].get("deletionTimestamp") is None


def _custom(stack: Stack) -> list[dict[str, Any]]:
    return [resource for resource in stack.state()["deployment"].get("resources", []) if resource["custom"]]
