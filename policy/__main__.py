"""The policy pack: `pulumi preview --policy-pack policy --policy-pack-config policy/configuration.json`."""

from pulumi_policy import PolicyPack

from share_policies import POLICIES

PolicyPack("anf-smb", policies=POLICIES)
