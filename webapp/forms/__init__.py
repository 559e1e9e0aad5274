"""Forms, what is typed into them, and how it comes back where it is refused."""
