"""What Firestore does with values, queries and writes: pure functions over its messages."""
