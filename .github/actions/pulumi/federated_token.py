"""Keep this job's OIDC token in a file, for the Azure clients that read it there.

GitHub's token is valid for five minutes, and an access token of Entra ID for about an hour. A client that finds a
valid token in AZURE_FEDERATED_TOKEN_FILE gets new access tokens as long as the job runs. azure-native and kubelogin
ask GitHub themselves; the state in Blob Storage and the key in Key Vault (azidentity) need the file.
"""

import argparse
import json
import os
import time
import urllib.request
from pathlib import Path
from typing import Final

AUDIENCE: Final = "api://AzureADTokenExchange"
SECONDS: Final = 60


def write_token(file: Path) -> None:
    """Get a token from GitHub and put it into a file that only this user can read. Raise OSError if GitHub refuses."""
    address = f"{os.environ['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience={AUDIENCE}"
    bearer = {"Authorization": f"bearer {os.environ['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    request = urllib.request.Request(address, headers=bearer)  # noqa: S310 (GitHub's own address)
    with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
        token: str = json.load(reply)["value"]
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(token)
    new.replace(file)  # whole, whenever a client reads it


def keep(file: Path, seconds: float) -> None:
    """Renew the token for ever: GitHub ends this process with the job. A failed request is repeated."""
    while True:
        time.sleep(seconds)
        try:
            write_token(file)
        except (OSError, ValueError, LookupError) as error:
            print(f"The OIDC token was not renewed: {error}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--keep", action="store_true", help="renew it, instead of writing it once")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="the time between two renewals")
    given = parser.parse_args()
    if given.keep:
        keep(given.file, given.seconds)
    write_token(given.file)
