"""The public door: receives, refuses cheaply, seals, accepts. Nothing of the owner's side is on it."""
