"""Tests of the notebook helper, against the real service on a real repository."""
