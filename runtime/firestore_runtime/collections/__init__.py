"""Schemas of collections, and references to where they are stored."""
