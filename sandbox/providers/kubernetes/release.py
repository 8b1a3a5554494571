"""`kubernetes:helm.sh/v3:Release`: a chart, installed by the helm binary.

Inputs, outputs, messages and what is left in state after a failure are the genuine plugin's
(https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/).
"""

import json
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path as File
from typing import Any, Final, NoReturn

from sandbox.charts.values import merged
from sandbox.providers.kubernetes import release_commands as commands
from sandbox.providers.kubernetes.chart_source import Chart, ChartSource
from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.handler import (
    Checked,
    Difference,
    Naming,
    PartialFailure,
    Resource,
    ResourceError,
    State,
)
from sandbox.providers.kubernetes.helm import Helm, HelmError, helm
from sandbox.providers.kubernetes.naming import parse_id
from sandbox.providers.kubernetes.release_diff import difference
from sandbox.providers.kubernetes.release_inputs import (
    INPUTS,
    chart_request,
    completed,
    decoded,
    like_inputs,
    state_outputs,
)
from sandbox.providers.kubernetes.release_record import ReleaseRecord
from sandbox.providers.kubernetes.secretness import Redactor
from sandbox.providers.values import UNKNOWN, Properties, contains_unknown

Json = dict[str, Any]

_NAME_TAKEN: Final = "cannot re-use a name that is still in use"
_COMPUTED: Final = ("resourceNames", "status")


class ReleaseHandler:
    """Helm releases of one cluster. Custom timeouts do not reach Helm: the input `timeout` is what it waits for."""

    def __init__(self, cluster: Cluster, charts: ChartSource | None = None) -> None:
        self._cluster = cluster
        self._charts = charts or ChartSource()

    def check(self, resource: Resource, old: Properties | None, new: Properties, naming: Naming) -> Checked:
        """Fill in defaults, and find the chart: from here on `version` is the chart's own, not a constraint."""
        release = completed(new, old, resource.name, self._cluster.namespace, naming)
        if release["allowNullValues"] is True:
            resource.log(
                "warning",
                "`allowNullValues` is deprecated and has no effect; null values in Helm chart values are preserved by"
                " default.",
            )
        failures: tuple[tuple[str, str], ...] = ()
        if not contains_unknown(new.values):
            try:
                with self._helm(clusterless=True) as tool:
                    release["version"] = self._chart(tool, resource, release).version
            except HelmError as error:
                told = Redactor(new)(str(error))
                failures = (("chart", f"{told}; check the chart name and repository configuration."),)
        return Checked(like_inputs(release, new), failures)

    def diff(
        self, resource: Resource, resource_id: str, old_inputs: Properties, old_outputs: Properties, new: Properties
    ) -> Difference:
        """Compare options and values. Only another name or namespace needs a new release."""
        state = {key: value for key, value in old_outputs.values.items() if key != INPUTS}
        wanted = dict(new.values)
        if "version" in resource.ignore_changes:
            wanted["version"] = state.get("version")
        inputs = old_outputs.values.get(INPUTS)
        return difference(state, inputs if isinstance(inputs, Mapping) else old_inputs.values, wanted)

    def create(self, resource: Resource, inputs: Properties, timeout: float | None, preview: bool) -> State:
        """`helm install`. A release that was made but did not become ready stays in state, with its real status."""
        if preview:
            return _foretold("", inputs)
        if self._cluster.unreachable:
            raise ResourceError(f"can't create Helm Release with unreachable cluster: {self._cluster.unreachable}")
        release = decoded(inputs.values)
        resource_id = _id(release)
        with self._telling(inputs) as redact, self._helm() as tool:
            chart = self._chart(tool, resource, release)
            try:
                tool.run(*commands.install(release, chart.path), text=json.dumps(release["values"]))
            except HelmError as error:
                # Another's release by that name is not ours to keep; an atomic one is gone again.
                record = None if _NAME_TAKEN in str(error) else _record(tool, release)
                if record is None:
                    raise
                reason = redact(str(error))
                resource.log(
                    "warning",
                    f'Helm release "{release["name"]}" was created but has a failed status. Use the `helm` command to'
                    f" investigate the error, correct it, then retry. Reason: {reason}",
                )
                _fail_partially(
                    f'Helm release "{resource_id}" was created, but failed to initialize completely. Use Helm CLI to'
                    f" investigate: {_unavailable(resource_id, reason)}",
                    State(resource_id, state_outputs(_seen(release, record), inputs), inputs),
                )
            record = _record(tool, release)
        if record is None:
            raise ResourceError(f"{resource_id}: release: not found after its installation")
        return State(resource_id, state_outputs(_seen(release, record), inputs))

    def read(
        self, resource: Resource, resource_id: str, old_inputs: Properties | None, old_outputs: Properties | None
    ) -> State | None:
        """The release as Helm recorded it; for an import with inputs made from that."""
        imported = old_outputs is None or not old_outputs.values
        release = decoded({} if imported or old_outputs is None else old_outputs.values)
        if imported:
            release["namespace"], release["name"] = parse_id(resource_id)
        with self._telling(old_inputs), self._helm() as tool:
            record = _record(tool, release)
            if record is None:
                return None
            release = _seen(release, record)
            inputs = self._imported(tool, resource, release) if imported or old_inputs is None else old_inputs
        return State(resource_id or _id(release), state_outputs(release, inputs), inputs)

    def update(
        self,
        resource: Resource,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new: Properties,
        timeout: float | None,
        preview: bool,
    ) -> State:
        """`helm upgrade`. A revision that was made but did not become ready goes to state, with its real status."""
        if preview:
            return _foretold(resource_id, new)
        if self._cluster.unreachable:
            raise ResourceError(f"can't update Helm Release with unreachable cluster: {self._cluster.unreachable}")
        release = decoded(new.values)
        with self._telling(new) as redact, self._helm() as tool:
            chart = self._chart(tool, resource, release)
            if release["lint"]:
                self._lint(tool, release, chart)
            before = _record(tool, release)
            try:
                tool.run(*commands.upgrade(release, chart.path), text=json.dumps(release["values"]))
            except HelmError as error:
                # An upgrade that got as far as a revision of its own failed in the cluster. With `atomic` there is one
                # more after it, for the way back.
                record = _record(tool, release, before.revision + 1) if before else None
                if record is None:
                    raise
                reason = redact(str(error))
                _fail_partially(
                    f'Helm release "{_id(release)}" failed to initialize completely. Use Helm CLI to investigate:'
                    f" {_unavailable(_id(release), reason)}",
                    State(resource_id, state_outputs(_seen(release, record), new), new),
                )
            record = _record(tool, release)
        if record is None:
            raise ResourceError(f"{resource_id}: release: not found after its upgrade")
        return State(resource_id, state_outputs(_seen(release, record), new))

    def delete(
        self, resource: Resource, resource_id: str, inputs: Properties, outputs: Properties, timeout: float | None
    ) -> None:
        """`helm uninstall`. As with the genuine plugin a release that is gone already is an error: refresh first."""
        if self._cluster.unreachable:
            raise ResourceError(
                f'can\'t delete Helm Release with unreachable cluster. Reason: "{self._cluster.unreachable}"'
            )
        release = decoded(outputs.values)
        with self._telling(inputs), self._helm() as tool:
            said = tool.run(*commands.uninstall(release))
        kept = "\n".join(line for line in said.splitlines() if line and not line.startswith("release "))
        if kept:
            resource.log("warning", f"Helm uninstall returned information: {json.dumps(kept)}")

    def _helm(self, clusterless: bool = False) -> AbstractContextManager[Helm]:
        kubeconfig = None if clusterless else self._cluster.kubeconfig
        return helm(self._cluster.cancellation, kubeconfig, self._cluster.settings.helm_release_settings)

    @contextmanager
    def _telling(self, inputs: Properties | None) -> Generator[Redactor]:
        """What helm says against an operation is the operation's error, without the secrets it may quote."""
        redact = Redactor(inputs)
        try:
            yield redact
        except HelmError as error:
            raise ResourceError(redact(str(error))) from None

    def _chart(self, tool: Helm, resource: Resource, release: Json) -> Chart:
        return self._charts.get(tool, chart_request(release), lambda line: resource.log("info", line))

    def _lint(self, tool: Helm, release: Json, chart: Chart) -> None:
        try:
            tool.run(*commands.lint(release, chart.path), text=json.dumps(release["values"]))
        except HelmError as error:
            raise HelmError(f"malformed chart or values: \n\t{error}") from None

    def _imported(self, tool: Helm, resource: Resource, release: Json) -> Properties:
        """Inputs for a release that the program did not make. Where its chart came from Helm does not record."""
        name, version = release["chart"], release["version"]
        beside = (f"{name}-{version}", f"{name}-{version}.tgz", name, f"{name}.tgz")
        release["chart"] = next((path for path in beside if _is_chart(File(path))), name)
        try:
            release["version"] = self._chart(tool, resource, release).version
        except HelmError as error:
            resource.log("debug", f"the chart of the imported release was not found: {error}")
        return Properties({key: value for key, value in release.items() if key not in _COMPUTED})


def _foretold(resource_id: str, inputs: Properties) -> State:
    """A preview's outputs. Nobody asks the chart what it thinks of the values: an `up` is the first to hear it."""
    release = decoded(inputs.values)
    return State(resource_id, state_outputs({**release, **dict.fromkeys(_COMPUTED, UNKNOWN)}, inputs))


def _record(tool: Helm, release: Json, revision: int | None = None) -> ReleaseRecord | None:
    return ReleaseRecord.read(tool, release["namespace"], release["name"], revision)


def _seen(release: Json, record: ReleaseRecord) -> Json:
    """A release with what the cluster says of it."""
    return {
        **release,
        "name": release["name"] or record.status["name"],
        "namespace": release["namespace"] or record.status["namespace"],
        "chart": release["chart"] or record.status["chart"],
        "values": merged(release["values"], record.values),
        "version": record.status["version"],
        "resourceNames": record.resource_names,
        "status": record.status,
    }


def _is_chart(path: File) -> bool:
    return path.is_file() or (path / "Chart.yaml").is_file()


def _id(release: Json) -> str:
    return f"{release['namespace']}/{release['name']}"


def _unavailable(resource_id: str, reason: str) -> str:
    return f"failed to become available within allocated timeout. Error: Helm Release {resource_id}: {reason}"


def _fail_partially(message: str, state: State) -> NoReturn:
    raise PartialFailure(message, state, (message,))
