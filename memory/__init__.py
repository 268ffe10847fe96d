"""What is kept: the database, the vector index and the search over both. Imports nothing of ours above it."""
