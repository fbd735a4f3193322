"""Queries as data: what they ask for, what they refuse, and what they return besides documents."""
