"""What delivers whole journeys in time order: the protocol of an engine, and the one embedded here."""
