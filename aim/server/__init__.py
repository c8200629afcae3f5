"""The HTTP server of one repository: routes.py lists the API, wire its messages; docs/server.md explains it."""
