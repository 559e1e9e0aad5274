"""The journal, the checkpoints and what departs from the course, for the auditor."""
