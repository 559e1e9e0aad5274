"""Papers of cases and their numbers, clearance replies, expiry notices."""
