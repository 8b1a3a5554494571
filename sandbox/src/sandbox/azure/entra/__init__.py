"""Entra ID: principals, credentials and tokens."""
