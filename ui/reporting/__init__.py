"""`officehours report`: what was counted, as tables; in the terminal, as Markdown, and as a page with plots."""
