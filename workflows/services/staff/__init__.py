"""Accounts, and who holds which role, post and duty for how long."""
