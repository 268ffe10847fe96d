"""What is kept of a student as a learner: questions, what is hard, goals; cards, reviews, problems, quizzes, attempts.

It calls `facts`, `store`, `dates`, `text` and `types`. What to do with it is decided in `agent/tutor`.
"""
