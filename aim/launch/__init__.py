"""Starts, watches and stops commands: one process a run, templates, and queues of trials."""
