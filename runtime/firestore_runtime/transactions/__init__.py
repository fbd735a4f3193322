"""Transactions without their I/O."""
