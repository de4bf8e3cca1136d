"""Recorded octets: writing and reading captures, amending and redacting messages, and replaying them."""
