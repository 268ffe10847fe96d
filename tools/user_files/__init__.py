"""The student's own tool files: which there are, which of them may be run, and running each once a process."""
