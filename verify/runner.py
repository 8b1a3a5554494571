"""The runner of checks: independent checks run at the same time, each with a time limit."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from verify.check import Check, Result, State
from verify.clients.azure import RefusedError
from verify.clients.cluster import ApiError
from verify.errors import VerifyError
from verify.links.anf import AZURE_FORBIDDEN, AZURE_REFUSES
from verify.links.temporary_pod import InterruptedCheckError
from verify.schedule import Schedule
from verify.trouble import BrokenError, Trouble
from verify.world import World

AT_ONCE: Final = 8
"""Checks that run at the same time. Each has one request in flight, to Azure or to the API server."""
_CLEANING_SECONDS: Final = 15.0

CLUSTER_FORBIDDEN: Final = Trouble(
    "cluster-forbidden",
    "`is forbidden: User … cannot …` from the API server",
    "the user who runs verify may not read this in the cluster",
    "assign a role that may read nodes, Pods, Secrets, events, storage and trident.netapp.io, and may exec: on AKS "
    "'Azure Kubernetes Service RBAC Admin' or cluster-admin",
)
CLUSTER_REFUSES: Final = Trouble(
    "cluster-refuses",
    "another error of the API server",
    "the API server cannot answer",
    "try again; if it fails again: `kubectl get --raw '/readyz?verbose'`",
)
TIMED_OUT: Final = Trouble(
    "no-answer-in-time",
    "a check does not end within its limit",
    "the cluster, a node or Azure does not answer",
    "try again; if it fails again: `kubectl get nodes`",
)
UNEXPECTED: Final = Trouble(
    "unexpected-answer",
    "a check finds an object of an unexpected form",
    "verify does not know this version of the cluster or of Azure, or verify has a bug",
    "inspect the object that the check names; report it with this line",
)
TROUBLES: Final = (CLUSTER_FORBIDDEN, CLUSTER_REFUSES, TIMED_OUT, UNEXPECTED)


class Runner:
    """One run of a list of checks; in the list, each check follows the checks that it needs."""

    def __init__(self, checks: Sequence[Check], world: World, *reports: Callable[[Result], None]) -> None:
        self._checks = checks
        self._world = world
        self._reports = reports
        self._done: dict[str, Result] = {}
        self._answers: queue.Queue[Result | VerifyError] = queue.Queue()
        self._threads: dict[str, threading.Thread] = {}
        self._deadlines: dict[str, float] = {}
        """When each running check counts as failed."""
        self._schedule = Schedule(checks)

    def run(self, *, write: bool = False) -> list[Result]:
        """Run the checks, and call each report with each result; those that write are left out without `write`.

        Temporary Pods are deleted at the end.

        Raises:
            VerifyError: the cluster or Azure cannot be reached, so there is no result.

        """
        try:
            while len(self._done) < len(self._checks):
                self._settle(write)
                self._start_ready()
                if len(self._done) < len(self._checks):
                    self._wait()
        finally:
            self._world.pods.end()
            for name in [check.name for check in self._checks if check.writes]:
                if thread := self._threads.get(name):
                    thread.join(_CLEANING_SECONDS)
        return [self._done[check.name] for check in self._checks]

    def _settle(self, write: bool) -> None:
        """End checks that need not run."""
        while check := self._schedule.next_unsettled():
            failed = [need for need in check.needs if need in self._done and not self._done[need].holds]
            if check.writes and not write:
                self._end(Result(check, State.LEFT_OUT, "left out: add --write"))
            elif failed:
                roots = dict.fromkeys(root for need in failed for root in self._done[need].because or (need,))
                titles = ", ".join(roots)
                self._end(Result(check, State.NOT_CHECKED, f"not checked: {titles}", because=tuple(roots)))
            else:
                self._schedule.make_ready(check)

    def _start_ready(self) -> None:
        while len(self._deadlines) < AT_ONCE and (check := self._schedule.next_ready()):
            self._deadlines[check.name] = time.monotonic() + check.limit
            thread = threading.Thread(target=self._look, args=(check,), name=check.name, daemon=True)
            self._threads[check.name] = thread
            thread.start()

    def _wait(self) -> None:
        try:
            answer = self._answers.get(timeout=max(0.0, min(self._deadlines.values()) - time.monotonic()))
        except queue.Empty:
            late = [name for name, end in self._deadlines.items() if end <= time.monotonic()]
            for check in [self._schedule.check(name) for name in late]:
                error = BrokenError(TIMED_OUT, f"no answer within {check.limit:g} s")
                self._end(_failed(check, self._world, error, check.limit))
            return
        if isinstance(answer, VerifyError):
            raise answer
        if answer.check.name not in self._done:
            self._end(answer)

    def _end(self, result: Result) -> None:
        self._done[result.check.name] = result
        self._deadlines.pop(result.check.name, None)
        self._schedule.end(result.check)
        for report in self._reports:
            report(result)

    def _look(self, check: Check) -> None:
        try:
            self._answers.put(look(check, self._world))
        except VerifyError as error:
            self._answers.put(error)
        except InterruptedCheckError:
            return


def look(check: Check, world: World) -> Result:
    """Run one check.

    Raises:
        VerifyError: the cluster or Azure cannot be reached.

    """
    began = time.monotonic()
    try:
        seen = check.look()
    except BrokenError as error:
        return _failed(check, world, error, time.monotonic() - began)
    except ApiError as error:
        trouble = CLUSTER_FORBIDDEN if error.status == 403 else CLUSTER_REFUSES
        return _failed(check, world, BrokenError(trouble, f"{error.status}: {error}"), time.monotonic() - began)
    except RefusedError as error:
        trouble = AZURE_FORBIDDEN if error.status == 403 else AZURE_REFUSES
        return _failed(check, world, BrokenError(trouble, f"{error.status}: {error}"), time.monotonic() - began)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:  # an object of an unexpected form
        seen = f"{type(error).__name__}: {error}"
        return _failed(check, world, BrokenError(UNEXPECTED, seen), time.monotonic() - began)
    return Result(check, State.HOLDS, seen, seconds=time.monotonic() - began)


def _failed(check: Check, world: World, error: BrokenError, seconds: float) -> Result:
    state = State.WARNS if check.finding else error.state
    fix = error.trouble.fix_for(world.names | error.values)
    return Result(check, state, error.seen, fix, error.trouble.name, seconds=seconds)
