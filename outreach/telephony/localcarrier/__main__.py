"""`python -m outreach.telephony.localcarrier` (I/O)."""

from outreach.telephony.localcarrier.cli import app

if __name__ == "__main__":
    app()
