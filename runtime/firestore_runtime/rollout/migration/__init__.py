"""Copying all documents of a store into the other shape: runs that can be interrupted, and what they report."""
