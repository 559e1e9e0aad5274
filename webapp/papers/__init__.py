"""Papers: what they say as values, and the two ways in which they are set."""
