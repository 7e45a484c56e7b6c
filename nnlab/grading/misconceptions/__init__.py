"""What students get wrong: wrong implementations of every exercise, each with its explanation."""
