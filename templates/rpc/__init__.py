"""Firestore over gRPC: channels, time limits, attempts, and what failures mean."""
