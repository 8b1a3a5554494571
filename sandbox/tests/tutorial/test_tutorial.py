"""The documentation's tutorial, both ways, by hand: with the genuine az, helm and kubectl, at the documented versions.

"Configure Azure NetApp Files for Azure Kubernetes Service" and "Provision Azure NetApp Files SMB volumes for Azure
Kubernetes Service" (MicrosoftDocs/azure-aks-docs, articles/aks/azure-netapp-files.md and azure-netapp-files-smb.md).
The commands are those of the two pages, but for their misprints; what they presuppose (a directory connection,
credentials of the cluster, a role for the app registration) is done first.
"""

import re
from collections.abc import Generator

import pytest

from sandbox import azure_cli, helm
from sandbox.azure.entra import credentials
from sandbox.paths import SandboxPaths
from sandbox.progress import PlainProgress
from sandbox.sandbox import Sandbox
from sandbox.tools.cache import tool_cache
from tests.tutorial.terminal import Terminal

PASSWORD = "P4ss-word, of the directory"
VARIABLES = {
    "RESOURCE_GROUP": "rg-aks",
    "LOCATION": "koreacentral",
    "ANF_ACCOUNT_NAME": "myaccountname",
    "POOL_NAME": "mypool1",
    "SIZE": "4",
    "SERVICE_LEVEL": "Premium",
    "VNET_NAME": "vnet-aks",
    "SUBNET_NAME": "myANFSubnet",
    "ADDRESS_PREFIX": "10.50.4.0/26",
}


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Generator[Terminal]:
    folder = tmp_path_factory.mktemp("tutorial")
    paths = SandboxPaths(folder / "sandbox")
    sandbox = Sandbox(paths)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # no sandbox.yaml: the estate of a new sandbox
        try:
            sandbox.up(PlainProgress())
            helm.install_built(paths)
            azure_cli.prepare(paths, sandbox.environment(), PlainProgress())
            own = {"HOME": str(folder), "ANF_SANDBOX_CACHE": str(tool_cache())}
            yield Terminal(folder, sandbox.environment() | own, dict(VARIABLES))
        finally:
            sandbox.reset(PlainProgress())


@pytest.fixture(scope="module")
def configured(terminal: Terminal) -> Terminal:
    """Azure NetApp Files as the first page configures it, and the directory connection that SMB needs."""
    terminal.type("az provider register --namespace Microsoft.NetApp --wait")
    terminal.type(
        "az netappfiles account create --resource-group $RESOURCE_GROUP --location $LOCATION "
        "--account-name $ANF_ACCOUNT_NAME"
    )
    terminal.type(
        "az netappfiles pool create --resource-group $RESOURCE_GROUP --location $LOCATION "
        "--account-name $ANF_ACCOUNT_NAME --pool-name $POOL_NAME --size $SIZE --service-level $SERVICE_LEVEL"
    )
    terminal.type(
        "az network vnet subnet create --resource-group $RESOURCE_GROUP --vnet-name $VNET_NAME --name $SUBNET_NAME "
        '--delegations "Microsoft.Netapp/volumes" --address-prefixes $ADDRESS_PREFIX'
    )
    terminal.type(
        "az netappfiles account ad add --resource-group $RESOURCE_GROUP --account-name $ANF_ACCOUNT_NAME "
        "--domain contoso.com --dns 10.40.0.4,10.40.0.5 --smb-server-name ANF --site Default-First-Site-Name "
        "--aes-encryption true --username anf-join --password 'join-password-1234'"
    )
    terminal.type("az aks get-credentials --resource-group $RESOURCE_GROUP --name aks")
    assert terminal.type("kubectl config current-context").strip() == "aks"
    return terminal


def test_an_smb_volume_is_mounted_statically(configured: Terminal) -> None:
    terminal = configured
    network = terminal.read("az network vnet show --resource-group $RESOURCE_GROUP --name $VNET_NAME -o json")
    terminal.variables |= {
        "SERVICE_LEVEL": "premium",
        "UNIQUE_FILE_PATH": "myfilepath",
        "VOLUME_SIZE_GIB": "100",
        "VOLUME_NAME": "myvolname",
        "VNET_ID": network["id"],
        "SUBNET_ID": f"{network['id']}/subnets/myANFSubnet",
    }
    terminal.type(
        "az netappfiles volume create --resource-group $RESOURCE_GROUP --location $LOCATION "
        '--account-name $ANF_ACCOUNT_NAME --pool-name $POOL_NAME --name "$VOLUME_NAME" --service-level $SERVICE_LEVEL '
        "--vnet $VNET_ID --subnet $SUBNET_ID --usage-threshold $VOLUME_SIZE_GIB --file-path $UNIQUE_FILE_PATH "
        "--protocol-types CIFS"
    )
    terminal.type(
        f"kubectl create secret generic smbcreds --from-literal=username=svc-web --from-literal=password='{PASSWORD}' "
        "--from-literal=domain='CONTOSO'"
    )
    assert re.search(r"smbcreds +Opaque +3 ", terminal.type("kubectl get secret"))
    terminal.type(
        "helm repo add csi-driver-smb https://raw.githubusercontent.com/kubernetes-csi/csi-driver-smb/master/charts"
    )
    terminal.type(
        "helm install csi-driver-smb csi-driver-smb/csi-driver-smb --namespace kube-system --version v1.13.0 "
        "--set windows.enabled=true"
    )
    workloads = ("controller", "node", "node-win")
    terminal.repeat(
        "kubectl get pods -n kube-system",
        lambda said: all(re.search(rf"csi-smb-{each}-[a-z0-9-]+ +3/3 +Running", said) for each in workloads),
    )
    volume = terminal.read(
        "az netappfiles volume show --resource-group $RESOURCE_GROUP --account-name $ANF_ACCOUNT_NAME "
        '--pool-name $POOL_NAME --volume-name "$VOLUME_NAME" -o JSON'
    )
    assert volume["creationToken"] == "myfilepath"
    [target] = volume["mountTargets"]
    assert re.fullmatch(r"ANF-[0-9a-f]{4}\.contoso\.com", target["smbServerFqdn"])
    by_hand = {"SMB_SERVER_FQDN": target["smbServerFqdn"], "CREATION_TOKEN": volume["creationToken"]}
    terminal.copy("pv-smb.yaml", by_hand)
    terminal.type("kubectl apply -f pv-smb.yaml")
    terminal.repeat("kubectl describe pv anf-pv-smb", lambda said: bool(re.search(r"Status: +Available", said)))
    terminal.copy("pvc-smb.yaml")
    terminal.type("kubectl apply -f pvc-smb.yaml")
    terminal.repeat("kubectl describe pvc anf-pvc-smb", lambda said: bool(re.search(r"Status: +Bound", said)))
    terminal.copy("iis-smb.yaml")
    terminal.type("kubectl apply -f iis-smb.yaml")
    it_is_mounted(terminal)
    terminal.type("kubectl delete pod iis-pod; kubectl delete pvc anf-pvc-smb; kubectl delete pv anf-pv-smb")
    terminal.type("kubectl delete secret smbcreds")


def test_an_smb_volume_is_created_and_mounted_dynamically(configured: Terminal) -> None:
    terminal = configured
    paths = SandboxPaths(terminal.folder / "sandbox")
    registration = credentials.ensure_trident(paths)
    terminal.type(
        f"az role assignment create --assignee {registration.client_id} --role Contributor "
        f"--scope /subscriptions/{credentials.SUBSCRIPTION}"
    )
    terminal.type("helm repo add netapp-trident https://netapp.github.io/trident-helm-chart")
    said = terminal.type(
        "helm install trident netapp-trident/trident-operator --version 23.04.0 --create-namespace --namespace trident "
        "--set windows=true"
    )
    assert "NAME: trident" in said
    assert "STATUS: deployed" in said
    described = terminal.repeat(
        "kubectl describe torc trident", lambda said: bool(re.search(r"Status: +Installed\n", said))
    )
    assert re.search(r"Version: +v23\.04\.0", described)
    assert re.search(r"Windows: +true", described)
    terminal.copy(
        "backend-secret-smb.yaml",
        {"CLIENT_ID": registration.client_id, "CLIENT_SECRET": registration.client_secret},
    )
    values = {"SUBSCRIPTION_ID": credentials.SUBSCRIPTION, "TENANT_ID": registration.tenant_id}
    terminal.copy("backend-anf-smb.yaml", values)
    created = terminal.type("kubectl apply -f backend-secret-smb.yaml -n trident")
    assert created == "secret/backend-tbc-anf-secret created\n"
    created = terminal.type("kubectl apply -f backend-anf-smb.yaml -n trident")
    assert created == "tridentbackendconfig.trident.netapp.io/backend-tbc-anf-smb created\n"
    terminal.repeat(
        "kubectl get tridentbackends -n trident",
        lambda said: bool(re.search(r"tbe-\w{5} +backend-tbc-anf-smb +[0-9a-f-]{36}", said)),
    )
    terminal.type(
        r"kubectl create secret generic smbcreds --from-literal=username='CONTOSO\svc-web' "
        f"--from-literal=password='{PASSWORD}'"
    )
    assert re.search(r"smbcreds +Opaque +2 ", terminal.type("kubectl get secret"))
    terminal.copy("anf-storageclass-smb.yaml")
    terminal.type("kubectl apply -f anf-storageclass-smb.yaml")
    shown = terminal.type("kubectl get sc anf-sc-smb")
    assert re.search(r"anf-sc-smb +csi\.trident\.netapp\.io +Delete +Immediate +true", shown)
    terminal.copy("anf-pvc-smb.yaml")
    terminal.type("kubectl apply -f anf-pvc-smb.yaml")
    terminal.repeat(
        "kubectl get pvc",
        lambda said: bool(re.search(r"anf-pvc-smb +Bound +pvc-[0-9a-f-]{36} +100Gi +RWX +anf-sc-smb", said)),
    )
    assert re.search(r"pvc-\S+ +100Gi +RWX +Delete +Bound +default/anf-pvc-smb", terminal.type("kubectl get pv"))
    terminal.copy("iis-smb.yaml")
    terminal.type("kubectl apply -f iis-smb.yaml")
    it_is_mounted(terminal)


def it_is_mounted(terminal: Terminal) -> None:
    """Check the Pod, and the free bytes of the share in it, as the documentation does."""
    described = terminal.repeat("kubectl describe pod iis-pod", lambda said: bool(re.search(r"Ready: +True", said)))
    assert re.search(r"Status: +Running", described)
    assert "/inetpub/wwwroot from smb (rw)" in described
    said = terminal.type("kubectl exec -i iis-pod -- cmd.exe", "cd /inetpub/wwwroot\ndir\nexit\n")
    assert "Directory of C:\\inetpub\\wwwroot" in said
    assert re.search(r"2 Dir\(s\) +107,37\d,\d{3},\d{3} bytes free", said)


def test_the_users_own_settings_are_as_they_were(configured: Terminal) -> None:
    """az, helm and kubectl keep theirs in the sandbox's folders."""
    for own in (".azure", ".kube/config", ".config/helm", ".local/share/helm"):
        assert not (configured.folder / own).exists()
