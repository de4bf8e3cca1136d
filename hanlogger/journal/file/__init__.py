"""The file of a journal: its paths and its lock, its identity, how it is opened, and the reserve for a full disk."""
