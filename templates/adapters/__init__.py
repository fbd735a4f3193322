"""The interfaces of older memory managers, on top of this package."""
