"""The estate as it is described: the key `estate` of sandbox.yaml, or the default where there is none.

```yaml
estate:
  - subscription: 00000000-0000-0000-0000-000000000000
    location: koreacentral                       # of all that names no other
    networks:
      - resourceGroup: rg-hub
        name: vnet-hub
        addressSpace: [10.40.0.0/16]
        subnets: {domain-controllers: 10.40.0.0/24}
      - resourceGroup: rg-aks
        name: vnet-aks
        addressSpace: [10.50.0.0/16]
        subnets: {nodes: 10.50.0.0/22}
        dnsServers: [10.40.0.4, 10.40.0.5]       # default: Azure's own, which knows no domain
        peerings: [rg-hub/vnet-hub]              # both directions; a network of the subscription, or an id
    domainControllers:                           # each stands in the network that has its address
      - {domain: contoso.com, addresses: [10.40.0.4, 10.40.0.5]}
    clusters:
      - {resourceGroup: rg-aks, name: aks, nodes: rg-aks/vnet-aks/nodes}
    netAppAccounts:                              # of other teams
      - resourceGroup: rg-files-team
        name: files-team
        location: koreasouth
        activeDirectory: {domain: contoso.com, dnsServers: [10.40.0.4], smbServerName: FILES, username: files-join}
        pools: [{name: archive, serviceLevel: Premium, sizeTiB: 1}]
    actionGroups:                                # whom alerts tell
      - {resourceGroup: rg-monitoring, name: storage-team}
```
"""

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from sandbox.azure.entra.credentials import SUBSCRIPTION
from sandbox.azure.ids import GUID
from sandbox.azure.regions import REGIONS


def _is_prefix(text: str) -> str:
    try:
        return str(IPv4Network(text))
    except ValueError as error:
        raise ValueError(f"{error}: write an IPv4 prefix such as 10.40.0.0/16") from None


def _is_address(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except ValueError:
        raise ValueError("write an IPv4 address such as 10.40.0.4") from None


def _is_region(text: str) -> str:
    if text not in REGIONS:
        raise ValueError(f"there is no such region; the sandbox has {', '.join(REGIONS)}")
    return text


def _is_subscription(text: str) -> str:
    if not GUID.fullmatch(text):
        raise ValueError("write a UUID")
    return text.lower()


Prefix = Annotated[str, AfterValidator(_is_prefix)]
Address = Annotated[str, AfterValidator(_is_address)]
Region = Annotated[str, AfterValidator(_is_region)]


class _Described(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class Network(_Described):
    """A virtual network. Each of `peerings` is `GROUP/NAME`, a network of the same subscription, or a network's id."""

    resource_group: str
    name: str
    address_space: Annotated[list[Prefix], Field(min_length=1)]
    subnets: dict[str, Prefix] = {}
    dns_servers: list[Address] = []
    peerings: list[str] = []
    location: Region | None = None


class DomainControllers(_Described):
    """The domain controllers of one domain, by their addresses."""

    domain: str
    addresses: Annotated[list[Address], Field(min_length=1)]


class Cluster(_Described):
    """An AKS cluster; `nodes` is the subnet of its node pools: `GROUP/NETWORK/SUBNET`."""

    resource_group: str
    name: str
    nodes: str


class ActiveDirectory(_Described):
    """The directory connection of an account; the sandbox makes up the password."""

    domain: str
    dns_servers: Annotated[list[Address], Field(min_length=1)]
    smb_server_name: str
    username: str


class Pool(_Described):
    """A capacity pool."""

    name: str
    service_level: str = "Premium"
    size_tib: Annotated[int, Field(alias="sizeTiB")] = 1


class NetAppAccount(_Described):
    """A NetApp account of another team."""

    resource_group: str
    name: str
    location: Region | None = None
    active_directory: ActiveDirectory | None = None
    pools: list[Pool] = []


class ActionGroup(_Described):
    """An action group of Azure Monitor, without receivers."""

    resource_group: str
    name: str


class Subscription(_Described):
    """What is in one subscription."""

    subscription: Annotated[str, AfterValidator(_is_subscription)]
    location: Region
    networks: list[Network] = []
    domain_controllers: list[DomainControllers] = []
    clusters: list[Cluster] = []
    net_app_accounts: list[NetAppAccount] = []
    action_groups: list[ActionGroup] = []


_ESTATE: Final[TypeAdapter[list[Subscription]]] = TypeAdapter(list[Subscription])

DEFAULT: Final = [
    Subscription(
        subscription=SUBSCRIPTION,
        location="koreacentral",
        networks=[
            Network(
                resource_group="rg-hub",
                name="vnet-hub",
                address_space=["10.40.0.0/16"],
                subnets={"domain-controllers": "10.40.0.0/24"},
            ),
            Network(
                resource_group="rg-aks",
                name="vnet-aks",
                address_space=["10.50.0.0/16"],
                subnets={"nodes": "10.50.0.0/22"},
                dns_servers=["10.40.0.4", "10.40.0.5"],
                peerings=["rg-hub/vnet-hub"],
            ),
        ],
        domain_controllers=[DomainControllers(domain="contoso.com", addresses=["10.40.0.4", "10.40.0.5"])],
        clusters=[Cluster(resource_group="rg-aks", name="aks", nodes="rg-aks/vnet-aks/nodes")],
    )
]
"""The estate of a sandbox whose sandbox.yaml has no key `estate`."""


class DescriptionError(ValueError):
    """A description that is not of the form above; the message has a line for each error."""


def parse(content: Any) -> list[Subscription]:
    """Read what stands at the key `estate`.

    Raises:
        DescriptionError: it is not of the form above.

    """
    try:
        return _ESTATE.validate_python(content)
    except ValidationError as error:
        lines = [f"{_key(each['loc'])}: {each['msg']}, not {each['input']!r}" for each in error.errors()]
        raise DescriptionError("\n".join(lines)) from None


def _key(location: tuple[int | str, ...]) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return f"estate{''.join(steps)}"
