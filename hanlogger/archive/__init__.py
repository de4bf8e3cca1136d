"""What is made of the journal beside delivery: exports, captures, what is imported, sent again and forgotten."""
