"""Read models for screens and exports."""
