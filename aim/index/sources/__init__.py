"""Sources of runs: the repository's own logs, and the files of other trackers. One protocol, one file per source."""
