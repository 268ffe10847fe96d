"""Tools of MCP servers that the settings name; the SDK is imported once a server is spoken to (docs/adr/0033)."""
