"""What goes on around the ladder: matters, labels, recusals, mergers, supervision, publication."""
