"""Packs, markings and steps; the only importer of SpiffWorkflow."""
