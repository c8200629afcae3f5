"""ClickHouse as an engine: its address, its HTTP interface, the tables in it, and what they answer."""
