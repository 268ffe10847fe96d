"""What is kept of a student as a learner: cards and their reviews, problems, quizzes and attempts.

It calls `store`, `text` and `types`. What to do with it is decided in `agent/tutor`.
"""
