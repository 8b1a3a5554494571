"""The parts of `settings.py`: the sections of a stack file, the rules between them, and the error messages."""
