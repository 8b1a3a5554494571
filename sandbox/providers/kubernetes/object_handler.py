"""Kubernetes objects as Pulumi resources."""

import copy
from collections.abc import Mapping
from typing import Any, Final

from sandbox.providers.kubernetes import annotations, deletion, kinds, naming, reading, writing
from sandbox.providers.kubernetes.checkpoint import Checkpoint, pruned, to_api
from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.comparison import compare, contains, parse_path, path_text
from sandbox.providers.kubernetes.errors import ApiError, NoMatchError, UnreachableError
from sandbox.providers.kubernetes.handler import Change, Checked, Difference, Naming, Resource, ResourceError, State
from sandbox.providers.kubernetes.kinds import GroupVersionKind
from sandbox.providers.kubernetes.normalization import normalized
from sandbox.providers.kubernetes.replacement import IDENTITY, replacing
from sandbox.providers.kubernetes.secretness import secret_places
from sandbox.providers.values import Path, Properties, within

Json = dict[str, Any]

_HOOK_WARNING: Final = (
    "This resource contains Helm hooks that are not currently supported by Pulumi. The resource will be created, but "
    "any hooks will not be executed. Hooks support is tracked at "
    "https://github.com/pulumi/pulumi-kubernetes/issues/555 -- This warning can be disabled by setting "
    "the PULUMI_K8S_SUPPRESS_HELM_HOOK_WARNINGS environment variable"
)


class ObjectHandler:
    """Objects of any type, built-in or custom, and Patch resources. Implements ResourceHandler."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def check(self, resource: Resource, old: Properties | None, new: Properties, naming_: Naming) -> Checked:
        """Name the object, put it into a namespace, and bring its inputs into the API's form."""
        if kinds.is_list(resource.type):
            raise ResourceError(
                "list resources exist for compatibility with YAML manifests and Helm charts, "
                "and cannot be created directly. Use the underlying resource type instead"
            )
        try:
            token = kinds.of_token(resource.type)
        except ValueError as error:
            raise ResourceError(str(error)) from None
        inputs = normalized(to_api(new.values))
        failures = [
            (member, f"missing required property '{member}'")
            for member in ("apiVersion", "kind")
            if not inputs.get(member)
        ]
        if failures:
            return Checked(new, tuple(failures))
        if kinds.is_patch(resource.type, str(inputs["kind"])) and not naming.is_named(inputs):
            raise ResourceError("patch resources require the `.metadata.name` field to be set")
        self._warn(resource, inputs)
        if old is not None and old.values:
            naming.name_again(inputs, old.values)
        else:
            naming.name_new(inputs, resource.name, naming_)
        if naming.is_generated(inputs):
            raise ResourceError("the `.metadata.generateName` field is not supported in Server-Side Apply mode")
        if not naming.namespace_of(inputs) and self._namespaced(token):
            metadata = inputs.setdefault("metadata", {})
            if isinstance(metadata, dict) and not metadata.get("namespace"):
                metadata["namespace"] = self._cluster.namespace
        return Checked(Properties(inputs, secret_places(inputs, new)))

    def diff(
        self, resource: Resource, resource_id: str, old_inputs: Properties, old_outputs: Properties, new: Properties
    ) -> Difference:
        """Compare the live object, as far as the old inputs go, with the new inputs."""
        state = Checkpoint.parse(old_outputs, old_inputs)
        before = normalized(state.inputs)
        after = normalized(to_api(new.values))
        live: Json = copy.deepcopy(pruned(state.live, before))
        kind = kinds.of_object(after)
        for value in (live, after):
            metadata = value.setdefault("metadata", {})
            if not isinstance(metadata, dict):
                continue
            if self._namespaced(kind):
                metadata["namespace"] = metadata.get("namespace") or "default"
            else:
                metadata.pop("namespace", None)
            metadata.pop("resourceVersion", None)
        live.setdefault("apiVersion", kind.api_version)
        live.setdefault("kind", kind.kind)
        if naming.name_of(after):
            live["metadata"]["name"] = naming.name_of(state.live)

        patch = kinds.is_patch(resource.type, kind.kind)
        changes = compare(live, after, IDENTITY if patch else replacing(after, self._cluster.settings))
        ignored = [parse_path(path) for path in resource.ignore_changes]
        details = {
            path_text(path): change
            for path, change in changes.items()
            if not any(contains(each, path) for each in ignored)
            and not (kind.built_in and change in (Change.ADD, Change.ADD_REPLACE) and _dropped(path, before, after))
        }
        forced = self._unready(resource, after, state.live)
        difference = Difference(details, forced=forced)
        same_object = (
            naming.is_named(after)
            and not annotations.is_true(after, annotations.AUTONAMED)
            and naming.name_of(after) == naming.name_of(state.live)
            and naming.namespace_of(after) == naming.namespace_of(state.live)
        )
        return Difference(details, bool(difference.replaces) and same_object, forced)

    def create(self, resource: Resource, inputs: Properties, timeout: float | None, preview: bool) -> State:
        """Make the object and wait until it is ready."""
        return writing.create(self._cluster, resource, inputs, timeout, preview)

    def read(
        self, resource: Resource, resource_id: str, old_inputs: Properties | None, old_outputs: Properties | None
    ) -> State | None:
        """The live object; its inputs are the parts that the old ones have, all of them for an import."""
        return reading.read(self._cluster, resource, resource_id, old_inputs, old_outputs)

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
        """Apply the new inputs and wait until the object is ready."""
        state = Checkpoint.parse(old_outputs, old_inputs)
        return writing.update(self._cluster, resource, state, new, timeout, preview)

    def delete(
        self, resource: Resource, resource_id: str, inputs: Properties, outputs: Properties, timeout: float | None
    ) -> None:
        """Delete the object and wait until it is gone; for a Patch resource, give up its fields."""
        state = Checkpoint.parse(outputs, inputs)
        deletion.delete(self._cluster, resource, resource_id, state, outputs, timeout)

    def _namespaced(self, kind: GroupVersionKind) -> bool:
        """Whether objects of the type have namespaces. An unknown type, whose CRD may yet come, is taken to have."""
        if kind.namespaced is not None:
            return kind.namespaced
        if self._cluster.unreachable:
            return True
        try:
            plain = GroupVersionKind(kind.group, kind.version, kind.kind)
            return self._cluster.api.mapped(plain).namespaced
        except (NoMatchError, ApiError, UnreachableError):
            return True

    def _warn(self, resource: Resource, inputs: Mapping[str, Any]) -> None:
        metadata = inputs.get("metadata")
        given = metadata.get("annotations") if isinstance(metadata, Mapping) else None
        if not isinstance(given, Mapping):
            return
        for key, value in given.items():
            if key.startswith(annotations.AUTONAMED):
                resource.log("warning", f'ignoring user-specified value for internal annotation "{key}"')
            hook = key.startswith(annotations.HELM_HOOK) and "test" in str(value)
            if hook and not self._cluster.settings.suppress_helm_hook_warnings:
                resource.log("warning", _HOOK_WARNING)

    def _unready(self, resource: Resource, after: Json, live: Json) -> tuple[str, ...]:
        """`pulumi.com/replaceUnready`: a Job that has not succeeded is to be made again."""
        if not annotations.is_true(after, annotations.REPLACE_UNREADY):
            return ()
        if self._cluster.unreachable:
            resource.log("warning", "Cluster is unreachable, skipping replaceUnready check")
        elif after.get("kind") != "Job":
            resource.log("warning", "replaceUnready annotation is not supported for this resource")
        elif not reading.job_complete(self._cluster, live):
            return (f'.metadata.annotations["{annotations.REPLACE_UNREADY}"]',)
        return ()


def _dropped(path: Path, before: Json, after: Json) -> bool:
    """Whether a member is absent from the live object only because the API drops zero values of built-in types."""
    old, new = within(before, path), within(after, path)
    return new in (False, 0, "", {}, []) and new == old and type(new) is type(old)
