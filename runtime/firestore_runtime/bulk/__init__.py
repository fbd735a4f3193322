"""Many writes without their I/O."""
