"""What a failure means and what may be sent again: pure, without gRPC."""
