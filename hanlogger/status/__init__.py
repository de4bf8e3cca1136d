"""The state that a running logger reports, and how other processes look it up."""
