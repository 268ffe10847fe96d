"""The models a tutor can speak through; each keeps the `Model` protocol of `agent/model.py`."""
