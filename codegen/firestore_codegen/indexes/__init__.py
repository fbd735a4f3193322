"""The indexes that a package needs, as they are deployed."""
