"""Exact arithmetic, algebra and calculus, and the tool that hands them to a model."""
