"""Recordings into the monitor: audits of calls made elsewhere, and the second hearing of our own after the call."""
