"""Two rulebooks side by side, for the person who reviews a change (pure)."""
