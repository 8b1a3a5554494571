"""What `settings.py` is made of: the sections of a stack file, the rules between them, the words for errors."""
