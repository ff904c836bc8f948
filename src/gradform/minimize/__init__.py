"""Problems from a formula to a minimum, with a certificate."""

from gradform.minimize.certificate import Certificate
from gradform.minimize.driver import minimize
from gradform.minimize.result import Result

__all__ = ["Certificate", "Result", "minimize"]
