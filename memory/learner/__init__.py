"""What is kept of a student as a learner: questions, misconceptions, goals.

It calls `store`, `text` and `types`.
"""
