"""The half of the sandbox that runs with the student's code; it knows NumPy and the standard library alone."""
