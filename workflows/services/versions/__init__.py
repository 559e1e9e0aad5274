"""Versions of packs and calendars: put forward, decided on, and cases brought to them."""
