"""Writes shared by operations."""
