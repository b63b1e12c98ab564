"""Synthetic telephone speech: for training the embedded recogniser and for simulated parties on the line."""
