"""How volumes are protected: snapshots and their policies, backup vaults, backup policies and backups."""
