"""Reads the files of other trackers as runs."""
