"""What a good tutor does: grading in code, hint ladders and the lock on an answer; pure functions over values."""
