"""Many notebooks checked, and what is found mended."""
