"""What a good tutor does: reviews, grading, hint ladders, the lock on an answer; pure functions, one file a concern."""
