"""Typed fields, and what can be said about them: filters, orders and changes."""
