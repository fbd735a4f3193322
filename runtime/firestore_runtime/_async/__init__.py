"""Everything that does I/O, in its asynchronous flavour; runtime/derive_sync.py knows both."""
