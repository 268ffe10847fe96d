"""The study model: answers without a language model, from the course, the record and arithmetic (`policy.py`)."""
