"""Everything that does I/O, in its asynchronous flavour; see runtime/derive_sync.py."""
