"""Azure NetApp Files: accounts with their Active Directory connection and snapshot policies, capacity pools, volumes.

Rules and error texts: learn.microsoft.com/azure/azure-netapp-files, "Troubleshoot Azure NetApp Files Resource Provider
errors", "Troubleshoot volume errors", "Resource limits", and the REST specification 2024-09-01. Texts that Microsoft
does not document, and codes that belong to documented texts but are nowhere shown with them, are ours.
"""
