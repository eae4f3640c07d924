"""What is shown inside files that set models: which files, which values, and what they cost."""
