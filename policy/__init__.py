"""Law as data: may this contact be attempted, as of this instant, and why (pure)."""
