"""One question put to several models, each alone and with the professor: `asking` does it, `values` holds them together."""
