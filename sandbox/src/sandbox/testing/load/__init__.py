"""Load on an emulator of Azure: many of Microsoft's own clients at a paced rate, and what that costs the process."""
