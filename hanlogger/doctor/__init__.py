"""From plug to database: what is wrong first, what it most likely means, what to do."""
