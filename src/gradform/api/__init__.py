"""The Python interface: expressions with operators, and the questions asked of them."""
