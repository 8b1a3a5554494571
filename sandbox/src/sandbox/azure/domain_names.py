"""The names of a domain of Active Directory."""


def netbios_name(domain: str) -> str:
    """Return the short name, which users may write before theirs: CONTOSO of contoso.com."""
    return domain.split(".", maxsplit=1)[0].upper()[:15]
