"""What the model may call: plain functions, their schemas and the registry that runs them."""
