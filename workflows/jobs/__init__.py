"""Work that no person starts: the sweep and its kin."""
