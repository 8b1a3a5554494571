"""The checks of single links, each with its troubles."""
