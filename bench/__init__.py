"""Benchmarks: the program side by side with a flat script that does the same work."""
