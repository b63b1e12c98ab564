"""The live feed: one broadcaster reads the database, any number of viewers listen."""
