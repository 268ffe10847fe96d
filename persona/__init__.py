"""Who speaks: professor files, the rules they promise to keep and the checks of those rules."""
