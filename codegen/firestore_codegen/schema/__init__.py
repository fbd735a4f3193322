"""Schema files to classes: every form of JSON Schema, read once into types and into plain schemas for the models."""
