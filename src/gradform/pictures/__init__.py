"""Pictures as SVG, for files, notebooks and pages; legible on light and dark paper."""

from gradform.pictures.canvas import Canvas

__all__ = ["Canvas"]
