# Derived from rollout/_async/__init__.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""Older and current documents side by side: the source, from which `_sync` is derived."""
