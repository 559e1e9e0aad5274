"""Things in officers' words: what they are called, and why they are as they are."""
