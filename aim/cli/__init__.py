"""The command line: `main.py` holds the table of commands, and each command has its own file."""
