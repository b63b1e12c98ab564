"""Telephony: the neutral carrier port, its events, the clearance check, and the adapters behind the port."""
