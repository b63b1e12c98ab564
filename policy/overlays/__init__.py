"""Contracts, house rules and tiers laid over the law: read, held against it, composed with it."""
