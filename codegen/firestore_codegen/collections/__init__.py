"""collections.json to collections: paths, ids and declared queries that fit the models and Firestore."""
