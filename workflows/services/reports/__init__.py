"""What leaves the house as a sheet or a report, with the record that it did."""
