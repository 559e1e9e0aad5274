"""Organisations: their page, their people and posts, what changes about them."""
