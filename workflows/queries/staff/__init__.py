"""Accounts and who can do what: delegations, responsibility, too few people."""
