"""From expressions to programs: contraction order, structure kept, stable forms."""
