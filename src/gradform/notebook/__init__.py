"""The cell magic for notebooks; answers show themselves."""
