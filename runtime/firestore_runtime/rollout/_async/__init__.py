"""Older and current documents side by side: the source, from which `_sync` is derived."""
