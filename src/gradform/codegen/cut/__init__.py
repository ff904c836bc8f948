"""Programs cut along their rows: what the writers for chunks and for devices share."""
