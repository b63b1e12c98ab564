"""Telephone audio to text."""
