"""Journey maps as code: the file, the road it describes, and the instances it cuts journeys into."""
