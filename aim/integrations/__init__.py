"""Automatic tracking for training frameworks: small files on the public API, one per framework."""
