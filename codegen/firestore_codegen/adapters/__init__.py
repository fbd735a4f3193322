"""Adapters: interfaces of other software on top of collections, each bound to the fields that it needs."""
