"""Canonical form, chain, bundle and verifier."""
