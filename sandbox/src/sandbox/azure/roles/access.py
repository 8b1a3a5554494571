"""Access of a principal: by its role assignments alone, the owner's too."""

from dataclasses import dataclass

from sandbox.azure.errors import ArmError
from sandbox.azure.model import Model
from sandbox.azure.roles import role_assignments, role_definitions
from sandbox.azure.roles.scopes import ROLE_ASSIGNMENTS, covers, related


@dataclass(frozen=True)
class Caller:
    """The sender of a request, by the token's claims: `appid` and `oid`."""

    client_id: str
    object_id: str


class Access:
    """The access of one caller at this moment, for one request."""

    def __init__(self, model: Model, caller: Caller) -> None:
        self.caller = caller
        delay, now = model.durations.of(ROLE_ASSIGNMENTS, "create"), model.now()
        granted = [
            (each.scope, role_definitions.find(model, each.role))
            for each in role_assignments.of_principal(model.store, caller.object_id)
            if each.since + delay <= now
        ]
        self._granted = [(scope, role) for scope, role in granted if role is not None]

    def allows(self, action: str, scope: str) -> bool:
        return any(covers(at, scope) and role.allows(action) for at, role in self._granted)

    def allows_below(self, action: str, scope: str) -> bool:
        """Return True if a role at a scope, above it or in it has the action."""
        return any(related(at, scope) and role.allows(action) for at, role in self._granted)

    def sees(self, scope: str) -> bool:
        """Return True if any role is held at a scope, above it or in it."""
        return any(related(at, scope) for at, _ in self._granted)

    def check(self, action: str, scope: str) -> None:
        if not self.allows(action, scope):
            raise self.refusal(action, scope)

    def refusal(self, action: str, scope: str) -> ArmError:
        text = (
            f"The client '{self.caller.client_id}' with object id '{self.caller.object_id}' does not have "
            f"authorization to perform action '{action}' over scope '{scope or '/'}' or the scope is invalid. If "
            "access was recently granted, please refresh your credentials."
        )
        return ArmError(403, "AuthorizationFailed", text)
