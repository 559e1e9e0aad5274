"""The calendar, the pack and what brings cases to another version."""
