"""Tasks as programs that run: one module for each backend, sizes and arrays bound here."""
