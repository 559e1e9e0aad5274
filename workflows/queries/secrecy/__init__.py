"""Who looked at what, and the informant vault."""
