"""Documents as lines of JSON."""
