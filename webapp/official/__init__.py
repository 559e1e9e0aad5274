"""Papers of the office: what they say as values, and the two ways in which they are set."""
