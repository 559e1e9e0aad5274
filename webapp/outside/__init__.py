"""What leaves by itself or as a file: the mail of the day, the calendar feed, downloads."""
