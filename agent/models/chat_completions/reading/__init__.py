"""Reading what a model server sends back: its events, thoughts and speech, calls, and how long it asks to wait."""
