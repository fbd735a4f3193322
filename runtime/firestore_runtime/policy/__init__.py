"""Decisions about failures, and about what may be sent again: pure, without gRPC."""
