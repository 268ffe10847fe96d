"""What is kept of a student as a learner: questions, what is hard or held wrongly, what a plan aims at.

It calls `facts`, `store`, `dates`, `text` and `types`.
"""
