"""Cards from other programs and for them: Anki packages and tables (CSV), as texts; nothing is stored here."""
