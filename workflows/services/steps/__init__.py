"""Stepping a case: one step, one record, whoever or whatever moves it (DESIGN 4, 6)."""
