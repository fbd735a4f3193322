"""Generates a typed Python SDK for Google Cloud Firestore from a JSON Schema and a collection configuration."""

__version__ = "0.1.0"
