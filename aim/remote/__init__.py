"""Recording over the network: what both sides of docs/format/ship.md share. Standard library only."""
