"""Flask pages and the command line of Duban."""
