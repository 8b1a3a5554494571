"""What developers of this project use beside its tests."""
