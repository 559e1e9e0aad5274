"""The commands of `duban`, a file for each subject."""
