"""The formats in which notebooks are stored, one a file."""
