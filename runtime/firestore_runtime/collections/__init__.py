"""What a schema says about collections, and where they are stored."""
