"""Energy by interval and spot prices: kept by quarter of an hour, and announced to delivery when they change."""
