"""What a program that embeds a professor is given besides the events: one turn at a time, asyncio, memory by itself."""
