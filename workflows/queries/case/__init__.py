"""A case and a matter as their pages show them, now and at a past moment."""
