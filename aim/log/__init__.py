"""The log: append-only, checksummed records, one file per writer process. docs/format/log.md draws the bytes."""
