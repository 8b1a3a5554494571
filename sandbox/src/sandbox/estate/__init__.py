"""The estate: what is in the sandbox's Azure before any program runs."""
