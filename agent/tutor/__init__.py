"""What a good tutor does next: pure functions over what is kept of the learner, one file a concern."""
