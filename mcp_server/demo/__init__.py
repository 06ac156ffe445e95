"""The example fleet, and the main job worked through on it."""
