"""The index that a query needs."""
