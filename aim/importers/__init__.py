"""Reads what other trackers wrote, as runs of this one."""
