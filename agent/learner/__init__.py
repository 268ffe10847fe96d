"""One student as a learner: rows read into what the tutor's functions take, goals by their words, what to ask about.

It calls `context`, `tutor` and `memory`.
"""
