"""Plain functions that tests build their surroundings with."""
