"""What a plain function says of itself as a tool: its hints as JSON Schema, its docstring as the model is told it."""
