"""HTTP over one repository: app.py makes it, serve.py runs it, wire says what is sent, docs/server.md explains."""
