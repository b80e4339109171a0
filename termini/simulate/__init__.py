"""A Greenland with known truth, and scenes of it as satellites would see them."""
