"""Generated code: expressions to straight-line programs to source in many languages."""
