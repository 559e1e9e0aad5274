"""Back-tests and simulations: cases played through a pack in memory (DESIGN 4.6)."""
