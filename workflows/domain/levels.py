"""How confidential a case and its content are (DOMAIN 3.5)."""

from __future__ import annotations

# Of organisations, of persons, and clues with transferred matters, which only those whom
# the case itself names may know of.
INTERNAL, PERSONAL, CLUES = "L1", "L2", "L3"
LEVELS = (INTERNAL, PERSONAL, CLUES)
