"""The engine and the case work of Duban; never imports Flask."""
