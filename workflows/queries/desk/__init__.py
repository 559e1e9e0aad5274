"""What an officer works from: lists of tasks, what is near due, the agenda."""
