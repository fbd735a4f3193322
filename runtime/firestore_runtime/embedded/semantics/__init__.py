"""Firestore's semantics of values, queries and writes: pure functions over its messages."""
