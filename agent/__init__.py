"""What happens in a turn: the loop, what the model sees, what it costs."""
