"""The made-up world of a demo."""
