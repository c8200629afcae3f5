"""Artifacts: files that runs make and use, stored once by their content, in numbered versions."""
