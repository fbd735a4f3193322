"""Writing many documents: batches, their delivery, and what became of each write."""
