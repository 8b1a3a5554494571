"""The components without this program: the arguments that they reject, and the resources for minimal arguments."""

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from components import rules
from components.capacity_pool import CapacityPool, PoolRef
from components.dynamic_share import DynamicShare
from components.netapp_account import NetAppAccount
from components.share_namespace import CredentialsArgs, ShareNamespace
from components.smb_csi_driver import SmbCsiDriver
from components.smb_volume import SmbVolume, SmbVolumeArgs
from components.static_share import StaticShare
from components.trident_backend import TridentSmbBackend, TridentSmbBackendArgs
from tests.unit.unit_mocks import (
    BACKEND_CONFIG,
    STORAGE_CLASS,
    SUBSCRIPTION_ID,
    TENANT_ID,
    is_secret,
    run,
)

SUBNET = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
    "/providers/Microsoft.Network/virtualNetworks/vnet/subnets/anf"
)


POOL: PoolRef = {
    "resource_group_name": "rg",
    "account_name": "account",
    "name": "pool",
    "service_level": "Standard",
}


def volume_args() -> SmbVolumeArgs:
    return {"pool": POOL, "name": "web", "subnet_id": SUBNET, "size_gib": 50}


def test_a_volume_is_protected_by_default() -> None:
    made = run(lambda: SmbVolume("web", volume_args()))
    volume = made.one("azure-native:netapp:CapacityPoolVolume", "web-volume")
    assert volume.request.protect
    assert volume.request.retainOnDelete
    assert volume.request.customTimeouts.create == "30m"


def test_the_sdk_prepares_no_output_of_a_volume_that_nobody_reads() -> None:
    components: list[SmbVolume] = []
    made = run(lambda: components.append(SmbVolume("web", volume_args())))
    (volume,) = components[0]._childResources  # pyright: ignore[reportPrivateUsage]
    prepared = {name for name, value in vars(volume).items() if isinstance(value, pulumi.Output)}
    given = made.one("azure-native:netapp:CapacityPoolVolume", "web-volume").inputs
    assert len(prepared - {"id", "urn"}) == len(given)


def test_a_component_refuses_plain_values_that_azure_would_and_registers_no_child() -> None:
    args = volume_args()
    args["size_gib"], args["name"] = 20, "1st"
    with pytest.raises(rules.InvalidArgsError, match=r"size_gib: 20 is not allowed.*name: '1st'|name: '1st'.*size_gib"):
        run(lambda: SmbVolume("web", args))
    args = volume_args()
    args["pool"] = {**POOL, "name": "account/pool"}
    with pytest.raises(rules.InvalidArgsError, match=r"SmbVolume.pool: name: 'account/pool' is not allowed"):
        run(lambda: SmbVolume("web", args))


def test_a_volume_has_the_name_of_its_share_and_the_level_of_its_pool_by_default() -> None:
    volume = run(lambda: SmbVolume("web", volume_args())).one("azure-native:netapp:CapacityPoolVolume").inputs
    assert (volume["creationToken"], volume["serviceLevel"]) == ("web", "Standard")


def test_a_reference_may_be_an_output_as_other_languages_give_it() -> None:
    another: PoolRef = {**POOL, "name": "another"}
    made = run(lambda: SmbVolume("web", {**volume_args(), "pool": pulumi.Output.from_input(another)}))
    volume = made.one("azure-native:netapp:CapacityPoolVolume").inputs
    assert (volume["accountName"], volume["poolName"], volume["serviceLevel"]) == ("account", "another", "Standard")


def test_the_options_of_a_component_are_those_of_its_children() -> None:
    options = pulumi.ResourceOptions(protect=False, custom_timeouts=pulumi.CustomTimeouts(create="1h30m", delete="90s"))
    volume = run(lambda: SmbVolume("web", volume_args(), options)).one("azure-native:netapp:CapacityPoolVolume")
    assert not volume.request.protect
    assert not volume.request.retainOnDelete
    limits = volume.request.customTimeouts
    assert (limits.create, limits.update, limits.delete) == ("90m", "30m", "90s")


def test_values_that_only_the_engine_knows_are_left_to_the_provider() -> None:
    made = run(lambda: SmbVolume("web", {**volume_args(), "size_gib": pulumi.Output.from_input(60)}))
    assert made.one("azure-native:netapp:CapacityPoolVolume").inputs["usageThreshold"] == 60 * 1024**3


def test_an_account_without_a_directory_is_refused() -> None:
    with pytest.raises(rules.InvalidArgsError, match=r"active_directory\b.* is missing"):
        run(lambda: NetAppAccount("a", {"resource_group": {"name": "rg"}, "name": "account"}))


def test_a_custom_timeout_that_is_none_is_refused() -> None:
    options = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="soon"))
    with pytest.raises(rules.InvalidArgsError, match=r"'soon' is not a duration; allowed: such as 90s"):
        run(lambda: SmbVolume("web", volume_args(), options))


def test_an_error_names_the_argument_and_the_key_of_a_program_that_has_one() -> None:
    assert rules.argument("IisPod", "image") == "image"
    rules.name_arguments({"IisPod.image": "my-program:image"})
    assert rules.argument("IisPod", "image") == "image (my-program:image)"


def test_a_password_given_in_the_open_becomes_a_secret() -> None:
    made = run(
        lambda: NetAppAccount(
            "a",
            {
                "resource_group": {"name": "rg"},
                "name": "account",
                "active_directory": {
                    "domain": "contoso.com",
                    "dns_servers": ["10.0.0.4", "10.0.0.5"],
                    "username": "join",
                    "password": "open",
                    "smb_server_name": "ANF",
                },
            },
        )
    )
    directories = made.one("azure-native:netapp:Account").inputs["activeDirectories"]
    assert is_secret(directories)
    [directory] = directories["value"]
    assert directory["dns"] == "10.0.0.4,10.0.0.5"
    assert directory["site"] == "Default-First-Site-Name"


def test_a_share_users_password_given_in_the_open_is_a_secret_before_it_reaches_the_sdk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The component marks the value as secret itself; it does not rely on the SDK."""
    written: list[pulumi.Output[str]] = []
    genuine = kubernetes.core.v1.Secret

    def secret(*args: Any, string_data: dict[str, Any], **options: Any) -> kubernetes.core.v1.Secret:
        written.append(string_data["password"])
        return genuine(*args, string_data=string_data, **options)

    async def program() -> None:
        ShareNamespace("web", {"namespace": "web", "credentials": credentials})
        assert await written[0].is_secret()
        assert await written[0].future() == "open"

    credentials: CredentialsArgs = {"domain": "CONTOSO", "username": "svc-web", "password": "open"}
    monkeypatch.setattr(kubernetes.core.v1, "Secret", secret)
    run(program)


def test_a_backend_retains_volumes_and_names_its_region_as_tridents_query_takes_it() -> None:
    backend: TridentSmbBackendArgs = {
        "subscription_id": SUBSCRIPTION_ID,
        "tenant_id": TENANT_ID,
        "location": "Korea Central",
        "pool": POOL,
        "subnet_id": SUBNET,
        "credentials_namespace": "default",
    }
    made = run(lambda: TridentSmbBackend("b", backend))
    assert made.one(STORAGE_CLASS).inputs["reclaimPolicy"] == "Retain"
    assert made.one(BACKEND_CONFIG).inputs["spec"]["location"] == "koreacentral"


def test_a_pool_says_its_size() -> None:
    with pytest.raises(rules.InvalidArgsError, match=r"needs size_tib\b.* and service_level\b"):
        run(lambda: CapacityPool("p", {"account": {"resource_group_name": "rg", "name": "a"}, "name": "p"}))


def test_a_driver_version_is_spelled_as_its_chart() -> None:
    with pytest.raises(rules.InvalidArgsError, match=r"version: '1\.13\.0'"):
        run(lambda: SmbCsiDriver("d", {"version": "1.13.0"}))


def test_a_number_from_another_language_is_a_whole_one() -> None:
    """It comes as a float."""
    size: Any = 100.0
    shares = {"namespace": "default", "size_gib": size}
    static: Any = {**shares, "unc_path": r"\\a\b", "volume_handle": "a#b#1", "secret_name": "smbcreds"}

    def program() -> None:
        StaticShare("static", static)
        dynamic: Any = {**shares, "storage_class_name": "anf-sc-smb"}
        DynamicShare("dynamic", dynamic)

    made = run(program)
    assert made.one("kubernetes:core/v1:PersistentVolume").inputs["spec"]["capacity"] == {"storage": "100Gi"}
    claim = made.one("kubernetes:core/v1:PersistentVolumeClaim", "dynamic-claim").inputs
    assert claim["spec"]["resources"] == {"requests": {"storage": "100Gi"}}
    assert "{.status.capacity.storage}=100Gi" in claim["metadata"]["annotations"]["pulumi.com/waitFor"]


def test_a_share_is_named_after_its_component() -> None:
    made = run(
        lambda: StaticShare(
            "web",
            {
                "unc_path": r"\\anf-1.contoso.com\web",
                "volume_handle": "anf-1.contoso.com#web#1",
                "size_gib": 50,
                "namespace": "default",
                "secret_name": "smbcreds",
            },
        )
    )
    persistent_volume = made.one("kubernetes:core/v1:PersistentVolume").inputs
    assert persistent_volume["metadata"] == {"name": "anf-pv-web"}
    assert made.one("kubernetes:core/v1:PersistentVolumeClaim").inputs["metadata"]["name"] == "anf-pvc-web"
    assert persistent_volume["spec"]["csi"]["volumeAttributes"]["source"] == r"\\anf-1.contoso.com\web"
