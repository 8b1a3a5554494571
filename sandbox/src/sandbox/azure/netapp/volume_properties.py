"""The properties of a volume: their defaults, and the rules that need nothing but the request."""

from typing import Any, Final

from azure.mgmt.netapp.models import VolumePatchProperties, VolumeProperties

from sandbox.azure.errors import ArmError
from sandbox.azure.netapp.limits import GIB, LARGE_VOLUME_BYTES, SERVICE_LEVELS, VOLUME_BYTES, VOLUME_MIBPS
from sandbox.azure.netapp.properties import (
    Properties,
    choice,
    fixed,
    flag,
    integer,
    invalid,
    missing,
    number,
    text,
    unchangeable,
)
from sandbox.azure.shapes import mapping, mappings, texts

PROPERTIES: Final = Properties(VolumeProperties)
PATCHABLE: Final = Properties(VolumePatchProperties).names

_UNCHANGEABLE: Final = (
    *("creationToken", "subnetId", "protocolTypes", "networkFeatures", "securityStyle", "serviceLevel"),
    *("kerberosEnabled", "encryptionKeySource", "isLargeVolume", "ldapEnabled"),
)
_OWN_WORDS: Final = {
    "protocolTypes": "Protocol types cannot be changed",
    "ldapEnabled": "ldapEnabled parameter is not allowed to update",
}

_FIXED: Final = ("smbEncryption", "smbContinuouslyAvailable", "snapshotDirectoryVisible")
"""Not among the properties that a PATCH takes (2026-08-01), or reported as fixed; in the words that Azure was recorded
with for snapshotId. The portal can turn on smbContinuouslyAvailable later; by which request is not documented."""

_NOT_KEPT: Final = {
    # for the request alone
    *("snapshotId", "backupId"),
    *("deleteBaseSnapshot", "acceptGrowCapacityPoolForShortTermCloneSplit", "breakthroughMode"),
    # kept only where the rules for them say so
    *("dataProtection", "throughputMibps", "unixPermissions"),
}
_CHOICES: Final = {
    "networkFeatures": (("Basic", "Standard", "Basic_Standard", "Standard_Basic"), "Basic"),
    "encryptionKeySource": (("Microsoft.NetApp", "Microsoft.KeyVault"), "Microsoft.NetApp"),
    "avsDataStore": (("Enabled", "Disabled"), "Disabled"),
    "enableSubvolumes": (("Enabled", "Disabled"), "Disabled"),
}
_COOL_CHOICES: Final = {
    "coolAccessRetrievalPolicy": (("Default", "OnRead", "Never"), "Default"),
    "coolAccessTieringPolicy": (("Auto", "SnapshotOnly"), "Auto"),
}
_COOLNESS_DAYS: Final = (2, 183)
_DEFAULT_COOLNESS_DAYS: Final = 31
_DEFAULTS: Final = {
    "defaultUserQuotaInKiBs": 0,
    "defaultGroupQuotaInKiBs": 0,
    "smbAccessBasedEnumeration": "Disabled",
    "smbNonBrowsable": "Disabled",
}
_KERBEROS: Final = ("kerberos5", "kerberos5i", "kerberos5p")
RULE: Final = {"unixReadOnly": False, "unixReadWrite": True, "cifs": False} | {
    f"{method}{access}": False for method in _KERBEROS for access in ("ReadOnly", "ReadWrite")
}
"""What a rule of an export policy says where a request does not."""
_ROOT: Final = {"hasRootAccess": True, "chownMode": "Restricted"}
_FIRST_RULE: Final = {"ruleIndex": 1, "allowedClients": "0.0.0.0/0"}
_SMB_ONLY: Final = ("smbEncryption", "smbContinuouslyAvailable", "smbAccessBasedEnumeration", "smbNonBrowsable")


def volume_properties(wanted: dict[str, Any], pool: dict[str, Any]) -> dict[str, Any]:
    """Return a volume's settable properties with Azure's defaults; `pool` is the pool's properties."""
    if wanted.get("networkFeatures") == "":  # as Trident sends it
        wanted = {**wanted, "networkFeatures": None}
    protocols = _protocols(wanted)
    smb, nfs = "CIFS" in protocols, any(p.startswith("NFS") for p in protocols)
    size = integer(wanted, "usageThreshold")
    kept = [name for name in PROPERTIES.settable if name not in _NOT_KEPT]
    properties: dict[str, Any] = dict(_DEFAULTS)
    properties |= {name: wanted[name] for name in kept if wanted.get(name) is not None}
    for name in PROPERTIES.flags:
        if name in kept:
            properties[name] = flag(wanted, name, default=name == "snapshotDirectoryVisible")
    properties |= {name: choice(wanted, name, allowed, default) for name, (allowed, default) in _CHOICES.items()}
    properties |= _cool_access(wanted) if properties["coolAccess"] else {}
    properties |= {
        "creationToken": wanted.get("creationToken"),
        "subnetId": wanted.get("subnetId"),
        "usageThreshold": size,
        "protocolTypes": protocols,
        "serviceLevel": choice(wanted, "serviceLevel", SERVICE_LEVELS, pool["serviceLevel"]),
        "securityStyle": _security_style(wanted, smb=smb, nfs=nfs),
        "exportPolicy": {"rules": _export_rules(wanted, protocols)},
    }
    least, most = LARGE_VOLUME_BYTES if properties["isLargeVolume"] else VOLUME_BYTES
    if size % GIB or not least <= size <= most:
        words = f"Must be a whole number of gibibytes in bytes, {least // GIB} to {most // GIB} gibibytes"
        raise invalid(size, "Volume.UsageThreshold", words)
    _check_protocol_options(wanted, properties, smb=smb, nfs=nfs)
    _set_throughput(wanted, properties, pool)
    if properties["securityStyle"] == "unix":
        permissions = text(wanted, "unixPermissions", r"0?[0-7]{3,4}", "It must be an octal mode such as 0770.")
        properties["unixPermissions"] = permissions or "0770"
    return properties


def _cool_access(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of cool access; the default period is the documented one."""
    days, (least, most) = wanted.get("coolnessPeriod"), _COOLNESS_DAYS
    days = _DEFAULT_COOLNESS_DAYS if days is None else integer(wanted, "coolnessPeriod")
    if not least <= days <= most:
        raise invalid(days, "coolnessPeriod", f"It must be {least} to {most} days.")
    return {"coolnessPeriod": days} | {
        name: choice(wanted, name, allowed, default) for name, (allowed, default) in _COOL_CHOICES.items()
    }


def refuse_changes(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Refuse what is set once and for all; ids are compared without regard to case, lists without regard to order."""
    for name in _UNCHANGEABLE:
        if _comparable(before[name]) != _comparable(after[name]):
            raise unchangeable(name, _OWN_WORDS.get(name))
    for name in _FIXED:
        if before[name] != after[name]:
            raise fixed(name)


def _comparable(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(value)
    return value.lower() if isinstance(value, str) and value.startswith("/") else value


def _protocols(wanted: dict[str, Any]) -> list[str]:
    protocols = texts(wanted.get("protocolTypes"), "protocolTypes") or ["NFSv3"]
    for protocol in protocols:
        if protocol not in {"NFSv3", "NFSv4.1", "CIFS"}:
            raise ArmError(400, "UnknownProtocolType", f"Protocol type {protocol} not known")
    if {"NFSv3", "NFSv4.1"} <= set(protocols) or len(set(protocols)) != len(protocols):
        raise invalid(",".join(protocols), "protocolTypes", "A volume has one version of NFS, CIFS, or both.")
    return protocols


def _security_style(wanted: dict[str, Any], *, smb: bool, nfs: bool) -> str:
    """Return the style; a volume of CIFS alone has ntfs, also where `unix` is sent, which az does for all volumes."""
    style = choice(wanted, "securityStyle", ("ntfs", "unix"), "ntfs" if smb else "unix")
    return "ntfs" if smb and not nfs else style


def _export_rules(wanted: dict[str, Any], protocols: list[str]) -> list[dict[str, Any]]:
    """Return the rules; a volume for NFS has one for all clients where a request has none."""
    rules = mappings(mapping(wanted.get("exportPolicy"), "exportPolicy").get("rules"), "rules")
    if len(rules) > 5:
        words = f"Number of items: {len(rules)} for object: ExportPolicy.Rules[RuleIndex] is outside min-max range."
        raise ArmError(400, "InvalidExportPolicy", words)
    if len({rule.get("ruleIndex") for rule in rules}) != len(rules):
        raise ArmError(400, "InvalidExportPolicy", "Duplicate value error for object ExportPolicy.Rules[RuleIndex].")
    versions = {"nfsv3": "NFSv3" in protocols, "nfsv41": "NFSv4.1" in protocols}
    if not rules and any(versions.values()):
        rules = [_FIRST_RULE]
    return [RULE | versions | _ROOT | rule for rule in rules]


def _check_protocol_options(wanted: dict[str, Any], properties: dict[str, Any], *, smb: bool, nfs: bool) -> None:
    if properties["securityStyle"] == "ntfs":
        if wanted.get("unixPermissions"):
            words = (
                "Unix permissions are not allowed for specified volume configuration, Create SMB or dual protocol "
                "volume with NTFS security style, without unix permissions."
            )
            raise ArmError(400, "InvalidInputUnixPermissionForNtfsSecurityStyleVolume", words)
        if not smb:
            raise invalid("ntfs", "securityStyle", "Only a volume with protocol type CIFS has it.")
    if not nfs:
        if properties["exportPolicy"]["rules"]:
            words = "Export policy rules are not allowed for a volume of protocol type CIFS."
            raise ArmError(400, "InvalidExportPolicy", words)
        if properties["ldapEnabled"]:
            raise ArmError(400, "LdapNotSupported", "ldapEnabled option is only supported with NFS protocol volume. ")
        if properties["kerberosEnabled"]:
            raise invalid(value=True, name="kerberosEnabled", why="Kerberos is supported only for NFSv4.1.")
    if not smb:
        for name in _SMB_ONLY:
            if wanted.get(name) not in {None, False, "Disabled"}:
                raise invalid(wanted[name], name, "Only a volume with protocol type CIFS has it.")
    if properties["encryptionKeySource"] == "Microsoft.KeyVault" and properties["networkFeatures"] != "Standard":
        words = "Encryption with keys of a key vault needs a volume with Standard network features."
        raise ArmError(400, "KeyVaultEncryptionRequiresStandardNetworkFeatures", words)


def _set_throughput(wanted: dict[str, Any], properties: dict[str, Any], pool: dict[str, Any]) -> None:
    asked, (least, most) = number(wanted, "throughputMibps"), VOLUME_MIBPS
    if pool["qosType"] == "Auto":
        if asked:
            raise invalid(asked, "throughputMibps", "It can only be set in a capacity pool with manual QoS.")
        return
    if asked is None:
        raise missing("throughputMibps")
    if not least <= asked <= most:
        raise invalid(asked, "throughputMibps", f"It must be between {least} and {most}.")
    properties["throughputMibps"] = asked
