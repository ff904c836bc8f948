"""The structure of a linear map that an expression is: expressions to forms."""
