"""Networks that find the calving front in a scene."""
