"""Functions of several variables: first-order models, curvature and the subdifferential."""
