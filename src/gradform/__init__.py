"""gradform: derivatives of functions of scalars, vectors and matrices, as closed formulas."""
