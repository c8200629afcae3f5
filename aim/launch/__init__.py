"""Starts, watches and stops commands: one process per run, templates, and queues of trials."""
