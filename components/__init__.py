"""SMB on Azure NetApp Files for Windows on AKS: one component a file, reusable without this program."""
