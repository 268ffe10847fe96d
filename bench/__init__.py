"""Measurements, each a ratio to something run in the same breath; `python -m officehours.bench` lists them."""
