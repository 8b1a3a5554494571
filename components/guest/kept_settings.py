"""What others have set on an Azure resource stays: an update sends it back, or is refused.

Azure's PUT replaces the whole resource, and azure-native sends the program's inputs as a PUT for each update. So the
settings of others join the inputs when a component's own settings change. At all other times they are ignored: they are
no drift of ours, with and without `--refresh`.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, cast

import pulumi

from components import rules
from components.guest.azure_types import AzureType
from components.guest.azure_update import AzureUpdate, Unchangeable, refusal_of
from components.guest.property_paths import has_unknowns, is_same, plain, value_at, with_value
from components.support.lookup import LookupFailedError, azure_options, find


class KeptSettings:
    """The settings of one resource: those of its component, in the last run and in this one, and those of others."""

    def __init__(
        self,
        component: pulumi.ComponentResource,
        name: str,
        kind: AzureType,
        unchangeable: Callable[[Mapping[str, Any]], Mapping[str, Unchangeable]] = lambda _: {},
        *,
        provider: pulumi.ProviderResource | None = None,
        is_one_of_several: bool = False,
        given: Collection[str] = (),
        at_creation: Collection[str] = (),
    ) -> None:
        """Prepare a child of a component.

        Args:
            component: the component.
            name: the child's name.
            kind: its type.
            unchangeable: returns what Azure cannot change on the resource that it is given; a preview refuses that.
            provider: the child's own provider. Default: that of the component.
            is_one_of_several: the component has several children of this type.
            given: the inputs among the SDK's defaults that the component sets itself.
            at_creation: paths of settings for a new resource alone: an existing one keeps what it has.

        """
        self._component, self._name, self._kind = component, name, kind
        self._unchangeable, self._provider, self._is_one_of_several = unchangeable, provider, is_one_of_several
        self._live: Mapping[str, Any] = {}
        self._of_others: Mapping[str, Any] = {}
        self._given, self._at_creation = frozenset(given), frozenset(at_creation)
        self._made: Mapping[str, Any] = {}
        self._ours: Collection[str] = ()
        self._refusal = ""
        self._is_made = False

    def options(self, options: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
        """Return the child's options with what keeps the settings of others."""
        self._is_made = True
        guard = pulumi.ResourceHook(f"{self._name}-kept", self._before_update, _IN_PREVIEWS_TOO)
        return pulumi.ResourceOptions.merge(
            options,
            pulumi.ResourceOptions(
                transforms=[self._transform], hooks=pulumi.ResourceHookBinding(before_update=[guard])
            ),
        )

    def outputs(self, child_id: pulumi.Output[str]) -> Mapping[str, pulumi.Output[Any]]:
        """Return what the component registers with its outputs for the next run, once the child has its settings."""
        return {self._key: pulumi.Output.secret(child_id.apply(self._checked))} if self._is_made else {}

    def _checked(self, _: str) -> dict[str, Any]:
        if self._refusal:
            raise rules.InvalidArgsError(self._refusal)
        return dict(self._made)

    @property
    def _key(self) -> str:
        kind = f"madeOf{self._kind.look_up.rpartition(':get')[2]}"
        return f"{kind}-{self._name}" if self._is_one_of_several else kind

    async def _transform(self, args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        """Ignore the settings of others, or send them with a change of the component's own."""
        inputs = await plain(args.props)
        made = self._kind.settings_of(inputs, self._given)
        made = {path: value for path, value in made.items() if path not in self._at_creation}
        # Sorted: the engine hands inputs on in any order, and another one would be a change of the state.
        self._made, self._ours = {"settings": sorted(made), "digest": _digest(made)}, made
        names = {name: inputs.get(name) for name in self._kind.names}
        if has_unknowns(names) or (live := await self._read(names)) is None:
            return None  # it is to be created
        last = await self._last_made()
        self._ours = ours = {*made, *(set(last.get("settings", ())) - {*self._kind.constant, *self._at_creation})}
        self._live, self._of_others = live, self._kind.settings_of_others(live, ours)
        opts, props, kept = args.opts, args.props, self._kept_from_replacement(made)
        for path in self._at_creation:
            props = with_value(props, path, None)
        if self._is_unchanged(made, last):
            # The state of an adopted resource has Azure's spelling, such as Ntfs.
            known = {path: value_at(live, path) for path in made}
            spelt = [path for path in made if made[path] != known[path] and is_same(made[path], known[path])]
            opts.ignore_changes = [*self._kind.places_of_others(inputs, live, ours), *spelt, *kept]
            return pulumi.ResourceTransformResult(props, opts)
        opts.ignore_changes = kept
        for path, value in self._of_others.items():
            if path not in self._kind.from_state:
                props = with_value(props, path, value)
        return pulumi.ResourceTransformResult(props, opts)

    def _is_unchanged(self, made: Mapping[str, Any], last: Mapping[str, Any]) -> bool:
        """Return True if the component makes the settings of the last run; if that is not known, those in Azure."""
        if last:
            return last["digest"] == self._made["digest"] != ""
        return all(is_same(made[path], value_at(self._live, path)) for path in made if path != self._kind.hidden)

    def _kept_from_replacement(self, made: Mapping[str, Any]) -> list[str]:
        """Return the settings whose change azure-native makes by a replacement, and which the state keeps instead.

        Another value than Azure's is refused: by the hook of an update, or else with the outputs, as a replacement and
        an unchanged resource have no hook.
        """
        fixed = {path: found for path, found in self._unchangeable(self._live).items() if path in self._kind.from_state}
        self._refusal = refusal_of(self._kind, self._name, self._live, made, fixed)
        return [path for path in self._kind.from_state if path not in made or path in fixed]

    async def _read(self, names: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the resource as it is in Azure; None if it does not exist."""
        options = azure_options(self._component, self._provider)
        try:
            return await find(self._kind.look_up, names, options)
        except Exception as error:
            raise LookupFailedError(
                f"{self._kind.title} {self._name} could not be read, to keep what others have set on it: {error}. "
                "Fix: the user of pulumi needs the right to read it."
            ) from None

    async def _last_made(self) -> Mapping[str, Any]:
        """Return what the component registered in the last run: the engine hands it on until there are new outputs."""
        urn = await self._component.urn.future()
        found = await plain(await pulumi.runtime.invoke_async("pulumi:pulumi:getResource", {"urn": urn}))
        return cast("Mapping[str, Any]", value_at(found, f"state.{self._key}") or {})

    async def _before_update(self, args: pulumi.ResourceHookArgs) -> None:
        self._checked(args.urn)
        update = AzureUpdate(
            kind=self._kind,
            name=self._name,
            live=self._live,
            ours=self._ours,
            of_others=self._of_others,
            old=await plain(args.old_inputs or {}),
            new=await plain(args.new_inputs or {}),
        )
        if self._live:  # else it is gone from Azure, and nothing is there to be lost
            update.refuse_unchangeable(self._unchangeable(self._live))
            update.refuse_losses()
        for change in update.hidden_changes():
            pulumi.log.info(change, resource=self._component)


_IN_PREVIEWS_TOO: Final = pulumi.ResourceHookOptions(on_dry_run=True)


def _digest(made: Mapping[str, Any]) -> str:
    """Return a digest of settings, which may be passwords; empty if one is not known yet."""
    if has_unknowns(made):
        return ""
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()
