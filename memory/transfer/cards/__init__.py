"""Cards as other programs have them, Anki packages and tables (CSV), and as an export does; nothing is stored here."""
