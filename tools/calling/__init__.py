"""Running a tool's function, whatever kind of function it is, to its value or to its time limit."""
