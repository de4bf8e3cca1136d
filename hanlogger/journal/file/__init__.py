"""The file of a journal: its paths and its lock, whose it is, how it is opened, and the reserve for a full disk."""
