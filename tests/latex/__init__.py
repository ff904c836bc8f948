"""All LaTeX that gradform writes, compiled: ``python -m tests.latex``."""
