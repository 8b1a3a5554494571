"""The properties of a volume: which there are, their defaults, and the rules that need nothing but the request."""

from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.netapp import refusals
from sandbox.azure.netapp.limits import GIB, LARGE_VOLUME_BYTES, SERVICE_LEVELS, VOLUME_BYTES, VOLUME_MIBPS
from sandbox.azure.shapes import mapping, mappings, texts

PROTOCOLS: Final = ("NFSv3", "NFSv4.1", "CIFS")

READ_ONLY: Final = (
    "fileSystemId",
    "baremetalTenantId",
    "effectiveNetworkFeatures",
    "networkSiblingSetId",
    "storageToNetworkProximity",
    "mountTargets",
    "isRestoring",
    "actualThroughputMibps",
    "cloneProgress",
    "fileAccessLogs",
    "dataStoreResourceId",
    "maximumNumberOfFiles",
    "volumeGroupName",
    "t2Network",
    "provisionedAvailabilityZone",
    "originatingResourceId",
    "inheritedSizeInBytes",
    "encrypted",
)

UNCHANGEABLE: Final = {
    "creationToken": "CreationToken cannot be changed.",
    "subnetId": "SubnetId cannot be changed.",
    "protocolTypes": "Protocol types cannot be changed",
    "networkFeatures": "NetworkFeatures cannot be changed.",
    "securityStyle": "SecurityStyle cannot be changed.",
    "serviceLevel": "ServiceLevel cannot be changed.",
    "kerberosEnabled": "KerberosEnabled cannot be changed.",
    "encryptionKeySource": "EncryptionKeySource cannot be changed.",
    "isLargeVolume": "IsLargeVolume cannot be changed.",
    "ldapEnabled": "ldapEnabled parameter is not allowed to update",
}
"""What is set when a volume is made, each with the refusal to change it."""

PATCHABLE: Final = frozenset(
    [
        "serviceLevel",
        "usageThreshold",
        "exportPolicy",
        "protocolTypes",
        "throughputMibps",
        "dataProtection",
        "isDefaultQuotaEnabled",
        "defaultUserQuotaInKiBs",
        "defaultGroupQuotaInKiBs",
        "unixPermissions",
        "coolAccess",
        "coolnessPeriod",
        "coolAccessRetrievalPolicy",
        "coolAccessTieringPolicy",
        "snapshotDirectoryVisible",
        "smbAccessBasedEnumeration",
        "smbNonBrowsable",
    ]
)

_CARRIED: Final = (
    "volumeType",
    "keyVaultPrivateEndpointResourceId",
    "snapshotId",
    "backupId",
    "coolnessPeriod",
    "coolAccessRetrievalPolicy",
    "coolAccessTieringPolicy",
    "smbAccessBasedEnumeration",
    "smbNonBrowsable",
    "capacityPoolResourceId",
    "proximityPlacementGroup",
    "volumeSpecName",
    "placementRules",
    "defaultUserQuotaInKiBs",
    "defaultGroupQuotaInKiBs",
)
"""Properties kept as they were given."""

_FLAGS: Final = (
    "kerberosEnabled",
    "ldapEnabled",
    "smbEncryption",
    "smbContinuouslyAvailable",
    "isDefaultQuotaEnabled",
    "coolAccess",
    "isLargeVolume",
)
_KNOWN: Final = frozenset(
    [
        *READ_ONLY,
        *_CARRIED,
        *_FLAGS,
        *[
            "provisioningState",
            "dataProtection",
            "creationToken",
            "serviceLevel",
            "usageThreshold",
            "exportPolicy",
            "protocolTypes",
            "deleteBaseSnapshot",
            "subnetId",
            "networkFeatures",
            "acceptGrowCapacityPoolForShortTermCloneSplit",
            "snapshotDirectoryVisible",
            "securityStyle",
            "throughputMibps",
            "encryptionKeySource",
            "unixPermissions",
            "avsDataStore",
            "enableSubvolumes",
            "breakthroughMode",
        ],
    ]
)
_SMB_ONLY: Final = ("smbEncryption", "smbContinuouslyAvailable", "smbAccessBasedEnumeration", "smbNonBrowsable")


def volume_properties(wanted: dict[str, Any], pool: dict[str, Any]) -> dict[str, Any]:
    """A volume's settable properties with Azure's defaults, from a request; `pool` is the pool's properties."""
    protocols = _protocols(wanted)
    smb, nfs = "CIFS" in protocols, any(p.startswith("NFS") for p in protocols)
    size = refusals.integer(wanted, "usageThreshold")
    if size is None:
        raise refusals.missing("usageThreshold")
    properties: dict[str, Any] = {
        "creationToken": wanted.get("creationToken"),
        "subnetId": wanted.get("subnetId"),
        "usageThreshold": size,
        "protocolTypes": protocols,
        "serviceLevel": refusals.choice(wanted, "serviceLevel", SERVICE_LEVELS, pool["serviceLevel"]),
        "networkFeatures": refusals.choice(
            wanted, "networkFeatures", ("Basic", "Standard", "Basic_Standard", "Standard_Basic"), "Basic"
        ),
        "securityStyle": refusals.choice(wanted, "securityStyle", ("ntfs", "unix"), "ntfs" if smb else "unix"),
        "encryptionKeySource": refusals.choice(
            wanted, "encryptionKeySource", ("Microsoft.NetApp", "Microsoft.KeyVault"), "Microsoft.NetApp"
        ),
        "avsDataStore": refusals.choice(wanted, "avsDataStore", ("Enabled", "Disabled"), "Disabled"),
        "enableSubvolumes": refusals.choice(wanted, "enableSubvolumes", ("Enabled", "Disabled"), "Disabled"),
        "snapshotDirectoryVisible": refusals.flag(wanted, "snapshotDirectoryVisible", default=True),
        "exportPolicy": {"rules": _export_rules(wanted)},
        **{name: refusals.flag(wanted, name, default=False) for name in _FLAGS},
        **{name: wanted[name] for name in _CARRIED if wanted.get(name) is not None},
    }
    _check_size(size, large=properties["isLargeVolume"])
    _check_protocol_options(wanted, properties, smb=smb, nfs=nfs)
    _set_throughput(wanted, properties, pool)
    if properties["securityStyle"] == "unix":
        permissions = refusals.text(
            wanted, "unixPermissions", r"0?[0-7]{3,4}", "It must be an octal mode such as 0770."
        )
        properties["unixPermissions"] = permissions or "0770"
    return properties


def check_known(wanted: dict[str, Any], current: dict[str, Any] | None) -> None:
    """Refuse properties that do not exist, and read-only ones that are not as they are."""
    if current is None:
        refusals.check_known(wanted, _KNOWN)
        refusals.refuse_read_only(wanted, READ_ONLY)
    else:
        refusals.check_known(wanted, _KNOWN, {name: current.get(name) for name in READ_ONLY})


def refuse_changes(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Refuse what is set once and for all; ids are compared without regard to case, lists without regard to order."""
    for name, text in UNCHANGEABLE.items():
        if _comparable(before[name]) != _comparable(after[name]):
            raise refusals.unchangeable(name[:1].upper() + name[1:], text)


def _comparable(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(value)
    return value.lower() if isinstance(value, str) and value.startswith("/") else value


def _protocols(wanted: dict[str, Any]) -> list[str]:
    protocols = texts(wanted.get("protocolTypes"), "protocolTypes") or ["NFSv3"]
    for protocol in protocols:
        if protocol not in PROTOCOLS:
            raise ArmError(400, "UnknownProtocolType", f"Protocol type {protocol} not known")
    if {"NFSv3", "NFSv4.1"} <= set(protocols) or len(set(protocols)) != len(protocols):
        raise refusals.invalid(",".join(protocols), "protocolTypes", "A volume has one version of NFS, CIFS, or both.")
    return protocols


def _check_size(size: int, *, large: bool) -> None:
    least, most = LARGE_VOLUME_BYTES if large else VOLUME_BYTES
    if size % GIB or not least <= size <= most:
        raise refusals.invalid(
            size, "usageThreshold", f"It must be a whole number of GiB, {least // GIB} GiB to {most // GIB} GiB."
        )


def _export_rules(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    rules = mappings(mapping(wanted.get("exportPolicy"), "exportPolicy").get("rules"), "rules")
    if len(rules) > 5:
        raise ArmError(
            400,
            "InvalidExportPolicy",
            f"Number of items: {len(rules)} for object: ExportPolicy.Rules[RuleIndex] is outside min-max range.",
        )
    indexes = [rule.get("ruleIndex") for rule in rules]
    if len(set(indexes)) != len(indexes):
        raise ArmError(400, "InvalidExportPolicy", "Duplicate value error for object ExportPolicy.Rules[RuleIndex].")
    return rules


def _check_protocol_options(wanted: dict[str, Any], properties: dict[str, Any], *, smb: bool, nfs: bool) -> None:
    if properties["securityStyle"] == "ntfs":
        if wanted.get("unixPermissions"):
            raise ArmError(
                400,
                "InvalidInputUnixPermissionForNtfsSecurityStyleVolume",
                "Unix permissions cannot be set on a volume with security style ntfs.",
            )
        if not smb:
            raise refusals.invalid("ntfs", "securityStyle", "Only a volume with protocol type CIFS has it.")
    elif smb and not nfs:
        raise refusals.invalid(
            "unix", "securityStyle", "A volume with protocol type CIFS alone has security style ntfs."
        )
    if not nfs:
        if properties["exportPolicy"]["rules"]:
            raise ArmError(
                400, "InvalidExportPolicy", "Export policy rules are not allowed for a volume of protocol type CIFS."
            )
        if properties["ldapEnabled"]:
            raise ArmError(400, "LdapNotSupported", "ldapEnabled option is only supported with NFS protocol volume. ")
        if properties["kerberosEnabled"]:
            raise refusals.invalid(value=True, name="kerberosEnabled", why="Kerberos is supported only for NFSv4.1.")
    if not smb:
        for name in _SMB_ONLY:
            if wanted.get(name) not in {None, False, "Disabled"}:
                raise refusals.invalid(wanted[name], name, "Only a volume with protocol type CIFS has it.")
    if properties["encryptionKeySource"] == "Microsoft.KeyVault" and properties["networkFeatures"] != "Standard":
        raise ArmError(
            400,
            "KeyVaultEncryptionRequiresStandardNetworkFeatures",
            "Encryption with keys of a key vault needs a volume with Standard network features.",
        )


def _set_throughput(wanted: dict[str, Any], properties: dict[str, Any], pool: dict[str, Any]) -> None:
    asked = refusals.number(wanted, "throughputMibps")
    if pool["qosType"] == "Auto":
        if asked:
            raise refusals.invalid(asked, "throughputMibps", "It can only be set in a capacity pool with manual QoS.")
        return
    if asked is None:
        raise refusals.missing("throughputMibps")
    if not VOLUME_MIBPS[0] <= asked <= VOLUME_MIBPS[1]:
        raise refusals.invalid(asked, "throughputMibps", f"It must be between {VOLUME_MIBPS[0]} and {VOLUME_MIBPS[1]}.")
    properties["throughputMibps"] = asked
