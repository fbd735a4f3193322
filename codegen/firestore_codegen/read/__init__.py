"""The schema directory, read and checked against the shape of collections.json: the only input of a run."""
