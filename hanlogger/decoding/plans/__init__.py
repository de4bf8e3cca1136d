"""Learnt shapes of messages: a message like one that was decoded before is decoded by a prepared plan."""
