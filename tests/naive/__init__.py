"""A second, independent reading of the law, slow and plain, and the machinery that compares it with the product."""
