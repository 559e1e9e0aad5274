"""Documents of a case, replies about persons, and what is written on a sheet."""
