"""The routes of the API, one file a topic; each file's `install(app, state)` adds its own."""
