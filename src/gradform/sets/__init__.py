"""Convex sets as values: membership, support, distance and least element, all certified."""

from __future__ import annotations

from gradform.sets.affine import Affine
from gradform.sets.ball import Ball
from gradform.sets.base import ConvexSet
from gradform.sets.box import Box
from gradform.sets.cone import Cone, subspace, whole_space
from gradform.sets.hull import Hull
from gradform.sets.hull_of import HullOf
from gradform.sets.hypersimplex import Hypersimplex
from gradform.sets.matrix_ball import MatrixBall
from gradform.sets.optimality import Decomposition, Descent, certificate_of_zero
from gradform.sets.point import Empty, Point
from gradform.sets.product import Product
from gradform.sets.sandwich import Sandwich
from gradform.sets.scaled import Scaled
from gradform.sets.spectral import Fantope, PsdShift, Spectraplex
from gradform.sets.sums import Sum
from gradform.sets.symbolic import SymbolicBall, SymbolicBox, SymbolicSet
from gradform.sets.witness import Witness

__all__ = [
    "Affine",
    "Ball",
    "Box",
    "Cone",
    "ConvexSet",
    "Decomposition",
    "Descent",
    "Empty",
    "Fantope",
    "Hull",
    "HullOf",
    "Hypersimplex",
    "MatrixBall",
    "Point",
    "Product",
    "PsdShift",
    "Sandwich",
    "Scaled",
    "Spectraplex",
    "Sum",
    "SymbolicBall",
    "SymbolicBox",
    "SymbolicSet",
    "Witness",
    "certificate_of_zero",
    "subspace",
    "whole_space",
]
