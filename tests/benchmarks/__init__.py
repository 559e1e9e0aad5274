"""Measurements: `duban bench` runs them in a checkout; nothing here is a test."""
