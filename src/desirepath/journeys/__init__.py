"""Whole journeys as arrays: batches, compiled loops over them, sessions, and the files that hold them."""
