"""Functions that generated source carries, written out in each language; records refer to them."""
