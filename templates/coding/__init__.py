"""Values of every type to the wire, and back."""
