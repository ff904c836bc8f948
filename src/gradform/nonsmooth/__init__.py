"""Subdifferentials, one-sided derivatives and convexity, exact or refused with a witness."""
