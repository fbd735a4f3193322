"""What the older memory managers share, whichever schema they are bound to."""
