"""Tasks in lists: named, filtered, and done several at once."""
