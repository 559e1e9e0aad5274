"""Tables, constraints, SQL and the one place that commits."""
