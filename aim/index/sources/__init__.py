"""Where runs are read from: the repository's own logs, and what other trackers
wrote. One protocol, one file a source."""
