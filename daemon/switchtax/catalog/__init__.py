"""What the world charges and how caches behave: price cards, windows, cache rules, names."""
