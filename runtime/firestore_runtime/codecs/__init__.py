"""Values to the wire and back."""
