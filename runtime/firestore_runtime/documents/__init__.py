"""Models to writes, and stored documents to models."""
