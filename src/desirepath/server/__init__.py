"""The server: it has the workspace open, drains the inbox, and answers questions over HTTP."""
