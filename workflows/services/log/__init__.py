"""The log over all records: its leaves, keys, checkpoints and epochs (AUDIT.md)."""
