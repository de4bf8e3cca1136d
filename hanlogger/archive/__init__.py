"""Uses of the journal other than delivery: export, captures, import, redelivery, and deletion of a meter's data."""
