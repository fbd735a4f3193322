"""Moving from older documents to current ones without downtime."""
