"""Azure Resource Manager on one machine: resource groups, virtual networks, Azure NetApp Files and its directory.

The model (rules and state) knows nothing of HTTP; `app` knows nothing of rules. A resource type is a `ResourceType`
in a file of its own, registered in `registry`.
"""
