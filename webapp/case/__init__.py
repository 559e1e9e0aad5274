"""The page of a case: what it shows, the forms that open on it, and its papers."""
