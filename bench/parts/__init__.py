"""What is measured, a part of the table a file. Each part returns the figures of its rows."""
