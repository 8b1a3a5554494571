"""The message of a mount event, shortened to what a reader needs: no paths of the node, no picture by PowerShell."""

import re
from typing import Final

_PICTURE: Final = re.compile(r" At line:\d+ char:\d+ .*?FullyQualifiedErrorId : (Windows System Error \d+)?[^\s\"]*")
_WORDS_OF_CALLERS: Final = re.compile(
    r"rpc error: code = \w+ desc = |smb mapping failed with error: |"
    r"volume\([^)]*\) mount \".*?\" on \".*?\" failed with |"
    r"NewSmbGlobalMapping\([^)]*\) failed with error: |NewSmbGlobalMapping failed\. output: \"(?=\S)(?!\")|"
    r" ?\"?, err: exit status 1$|"
    r"mount failed: exit status \d+ Mounting command: .*? Output: | Refer to the mount\.cifs\(8\).*"
)


def on_one_line(message: str) -> str:
    r"""Return a message on one line. PowerShell breaks lines at 120 columns, and Go prints the breaks as \r\n."""
    return " ".join(re.sub(r"\\+r\\+n", " ", message).split())


def shortened(message: str) -> str:
    """Return what a mount event says itself: the operation, the sentence of Windows or mount.cifs, and its number."""
    said = _PICTURE.sub(lambda found: f" ({found[1]})" if found[1] else "", on_one_line(message))
    return " ".join(_WORDS_OF_CALLERS.sub("", said).split())
