"""`fairline doctor`: what is installed, what answers, and what to do about what does not.

A room of its own: `command` shows what `recognition`, `law` and `machine` found, each as rows of `check`.
"""

from outreach.doctor.command import app

__all__ = ["app"]
