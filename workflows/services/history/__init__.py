"""A case folded again from its records, held against its rows; what is erased of it."""
