"""What a class did: one page of plots and tables from the gradebook and the graded notebooks."""
