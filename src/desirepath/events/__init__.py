"""What happened, when, and which of it is meant: events, moments and filters.

Nothing is imported here on purpose: the filter language must start fast, and `schema` alone needs pyarrow.
"""
