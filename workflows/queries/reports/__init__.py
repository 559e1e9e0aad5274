"""Cases in numbers and rows: overview, ledger, reports of a place and a period."""
