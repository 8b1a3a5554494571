"""The Active Directory of the sandbox: domains, and users whose passwords it knows only as salted scrypt digests.

Nobody creates users: whoever first presents a user (the account that joins the domain, a Pod that mounts a share)
enrols it, and from then on only that password holds, until `set_password` rotates it.
"""

import hashlib
import hmac
import secrets
from typing import Final

from sandbox.azure.store import Store

_COST: Final = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


def netbios_name(domain: str) -> str:
    return domain.split(".", maxsplit=1)[0].upper()[:15]


class Directory:
    """Users of the sandbox's domains. Domains and users are compared without regard to case."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def domain(self, name: str) -> str | None:
        domains = [row["domain"] for row in self._store.query("SELECT DISTINCT domain FROM directory_users ORDER BY 1")]
        if name.lower() in domains:
            return name.lower()
        return next((domain for domain in domains if netbios_name(domain) == name.upper()), None)

    def verify(self, domain: str, user: str, password: str) -> bool:
        """Judge a user's password. Enrols a user new to a known domain; an empty name or password never holds."""
        if not (user and password and (known := self.domain(domain))):
            return False
        return self.accepts(known, user, self.proof(known, user, password))

    def set_password(self, domain: str, user: str, password: str) -> None:
        """Give a user a password, and the user to the domain if it is new. The same password again changes nothing."""
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
