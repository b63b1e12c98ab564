"""Text to findings: violations, mood, vulnerability, intents, promises."""
