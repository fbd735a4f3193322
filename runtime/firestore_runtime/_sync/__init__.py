# Derived from _async/__init__.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""Everything that does I/O, in its synchronous flavour; see runtime/derive_sync.py."""
