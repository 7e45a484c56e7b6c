"""Data sets, and what is done to data before and during training."""

from nnlab.data.augmentation import add_noise, mixup, random_shifts, shift_images
from nnlab.data.digits import digits
from nnlab.data.mnist import mnist
from nnlab.data.sampling import k_fold, minibatches
from nnlab.data.scaling import one_hot, standardize
from nnlab.data.synthetic import circles, noisy_sine, sparse_features, spirals, two_moons

__all__ = [
    "add_noise",
    "circles",
    "digits",
    "k_fold",
    "minibatches",
    "mixup",
    "mnist",
    "noisy_sine",
    "one_hot",
    "random_shifts",
    "shift_images",
    "sparse_features",
    "spirals",
    "standardize",
    "two_moons",
]
