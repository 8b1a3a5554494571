"""The sandbox's own charts, for where the genuine chart repositories cannot be reached."""
