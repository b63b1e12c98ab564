"""Rule families: code that a rulebook names in `kind` and fills with numbers; one family a file (pure)."""
