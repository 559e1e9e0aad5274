"""An officer's desk: drafts, filters, comments, days to look again, phrases, meetings."""
