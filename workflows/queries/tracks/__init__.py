"""What runs beside the ladder: determinations, mergers, recusals, relapses, supervision."""
