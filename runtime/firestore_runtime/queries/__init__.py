"""Queries without their I/O."""
