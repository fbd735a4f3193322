"""Firestore over gRPC: the only folder that imports it."""
