"""Pulling from vendors' APIs: which pages, since when, and what is already here."""
