"""The worker: dials what the gate permits, hears every call, acts at once on what is heard.

One process, one event loop: carrier callbacks and media arrive here; recognition and database work run in threads.
"""
