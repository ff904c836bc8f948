"""Functions of one variable: germs, pieces, convexity and the subdifferential."""
