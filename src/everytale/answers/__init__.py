"""What is asked of a story: an overview, its author's tests, *why* and *why not*; as data, and in words."""
