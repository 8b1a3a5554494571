"""The Active Directory of the sandbox: domains, and users whose passwords it knows only as salted scrypt digests.

Nobody creates users: whoever first presents a user (the account that joins the domain, a Pod that mounts a share)
enrols it, and from then on only that password holds, until `set_password` rotates it.
"""

import hashlib
import hmac
import secrets
from enum import StrEnum
from typing import Final

from sandbox.azure.domain_names import netbios_name
from sandbox.azure.store import Store

_COST: Final = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


class AccountState(StrEnum):
    """What a domain controller says of a user's account."""

    USABLE = "usable"
    LOCKED = "locked"
    EXPIRED = "expired"
    PASSWORD_EXPIRED = "password-expired"  # noqa: S105  a state
    MUST_CHANGE = "must-change"
    """The password must be changed at the next sign-in."""
    DISABLED = "disabled"


_NEW_PASSWORD_HEALS: Final = {AccountState.PASSWORD_EXPIRED, AccountState.MUST_CHANGE}


class Directory:
    """Users of the sandbox's domains. Domains and users are compared without regard to case."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def domain(self, name: str) -> str | None:
        domains = [row["domain"] for row in self._store.query("SELECT DISTINCT domain FROM directory_users ORDER BY 1")]
        if name.lower() in domains:
            return name.lower()
        return next((domain for domain in domains if netbios_name(domain) == name.upper()), None)

    def sign_in(self, domain: str, user: str, password: str) -> AccountState | None:
        """Judge a sign-in; None for a wrong user or password. Enrols a user new to a known domain.

        An empty name or password never holds. A locked account is refused whatever the password; of other states nobody
        learns without it, as Active Directory does.
        """
        if not (user and password and (known := self.domain(domain))):
            return None
        right = self.accepts(known, user, self.proof(known, user, password))
        state = self.state(known, user)
        return state if right or state is AccountState.LOCKED else None

    def state(self, domain: str, user: str) -> AccountState:
        sql = "SELECT state FROM directory_states WHERE domain = ? AND user = ?"
        rows = self._store.query(sql, domain.lower(), user.lower())
        return AccountState(rows[0]["state"]) if rows else AccountState.USABLE

    def set_state(self, domain: str, user: str, state: AccountState) -> bool:
        """Set the state of a user's account; False for a user that the domain does not have."""
        if self._credential(domain, user) is None:
            return False
        row = (domain.lower(), user.lower(), state)
        self._store.query("INSERT OR REPLACE INTO directory_states VALUES (?, ?, ?)", *row)
        return True

    def set_password(self, domain: str, user: str, password: str) -> None:
        """Give a user a password, and the user to the domain if it is new. The same password again voids no proof."""
        if self.state(domain, user) in _NEW_PASSWORD_HEALS:
            self.set_state(domain, user, AccountState.USABLE)
        credential = self._credential(domain, user)
        if credential is None or not hmac.compare_digest(_digest(password, credential[0]), credential[1]):
            self._store_password(domain, user, password)

    def proof(self, domain: str, user: str, password: str) -> str:
        """Return what an account keeps instead of a password, for `accepts`. Enrols a new user, in a new domain too."""
        with self._store.transaction():
            credential = self._credential(domain, user)
            if credential is None:
                return self._store_password(domain, user, password).hex()
        return _digest(password, credential[0]).hex()

    def accepts(self, domain: str, user: str, proof: str) -> bool:
        """Judge the password behind a proof. A rotated password makes older proofs void."""
        credential = self._credential(domain, user)
        return credential is not None and hmac.compare_digest(bytes.fromhex(proof), credential[1])

    def _store_password(self, domain: str, user: str, password: str) -> bytes:
        salt = secrets.token_bytes(16)
        row = (domain.lower(), user.lower(), salt, _digest(password, salt))
        self._store.query("INSERT OR REPLACE INTO directory_users VALUES (?, ?, ?, ?)", *row)
        return row[-1]

    def _credential(self, domain: str, user: str) -> tuple[bytes, bytes] | None:
        sql = "SELECT salt, digest FROM directory_users WHERE domain = ? AND user = ?"
        rows = self._store.query(sql, domain.lower(), user.lower())
        return (rows[0]["salt"], rows[0]["digest"]) if rows else None


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **_COST)
