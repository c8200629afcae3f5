"""The faces of other trackers: scripts that were written for them record to Aim without a change."""
