"""Pieces that the writers of all languages share."""
