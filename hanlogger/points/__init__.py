"""A reading's way to the database: OBIS codes become series, readings become points, points become line protocol."""
