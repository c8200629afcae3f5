"""What can be tracked, one file a type."""
