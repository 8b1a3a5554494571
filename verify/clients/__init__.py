"""Clients of Azure and of the API server, with the objects that the checks read."""
