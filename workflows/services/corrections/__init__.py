"""What was entered wrongly or late: found, weighed and put right; the record stays."""
