"""Differentiation: tangents forward, cotangents backward, both by general rules."""

from gradform.calculus.differentiate import derivative, identity, kept_sums, pull, push

__all__ = ["derivative", "identity", "kept_sums", "pull", "push"]
