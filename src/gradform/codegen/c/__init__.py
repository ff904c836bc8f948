"""Programs as self-contained C99: plain loops over arrays stored row by row."""
