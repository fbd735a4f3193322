"""Which index a query needs."""
