"""What stands around every page: menu, headers, help, handbook, the pages of errors."""
