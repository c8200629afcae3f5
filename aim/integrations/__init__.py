"""Automatic tracking for training frameworks: small files on the public API, each in need of its framework."""
