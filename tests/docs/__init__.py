"""The documentation: its code blocks are run, its generated pages are complete."""
