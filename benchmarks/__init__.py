"""How fast nnlab trains beside PyTorch, JAX, scikit-learn and the bare matrix products: ``make bench``."""
