"""Capstones as students write them: simple networks, other methods, and ways around learning."""

LINEAR = {
    "train": """
def train(x, y, seed):
    W, b = np.zeros((64, 10)), np.zeros(10)
    for _ in range(80):
        z = x @ W + b
        p = np.exp(z - z.max(axis=1, keepdims=True))
        d = (p / p.sum(axis=1, keepdims=True) - np.eye(10)[y]) / len(x)
        W -= 2 * x.T @ d
        b -= 2 * d.sum(axis=0)
    return W, b
""",
    "predict": """
def predict(model, x):
    return (x @ model[0] + model[1]).argmax(axis=1)
""",
}

# The first thing that a student's own class of networks gives back is an object that never leaves the sandbox.
NEAREST = {
    "train": """
class Neighbours:
    def __init__(self, x, y):
        self.x, self.y = x.copy(), y.copy()

    def nearest(self, x):
        return self.y[((self.x**2).sum(axis=1) - 2 * x @ self.x.T).argmin(axis=1)]

def train(x, y, seed):
    return Neighbours(x, y)
""",
    "predict": """
def predict(model, x):
    return model.nearest(x)
""",
}

KEEPS_DIGITS = {
    "train": """
def train(x, y, seed):
    return {"x": x.copy(), "y": y.copy()}
""",
    "predict": """
def predict(model, x):
    return model["y"][((model["x"] ** 2).sum(axis=1) - 2 * x @ model["x"].T).argmin(axis=1)]
""",
}

# Looks every digit up in the whole data set, and learns no more than the labels' names.
BY_HEART = {
    "train": """
from nnlab import data

def train(x, y, seed):
    (first, second), (third, fourth) = data.digits()
    digits = zip(np.concatenate([first, third]), np.concatenate([second, fourth]))
    known = {row.tobytes(): label for row, label in digits}
    names = np.zeros(10, int)
    for row, label in zip(x, y):
        names[known.get(row.tobytes(), 0)] = label
    return lambda row: names[known.get(row.tobytes(), 0)]
""",
    "predict": """
def predict(model, x):
    return np.array([model(row) for row in x])
""",
}

# The notebook's own x and y hold every digit, those that are held out as well.
NOTEBOOKS_DIGITS = {
    "train": """
def train(images, labels, seed):
    names = np.zeros(10, int)
    where = {row.tobytes(): index for index, row in enumerate(x)}
    for row, label in zip(images, labels):
        names[y[where.get(row.tobytes(), 0)]] = label
    return names
""",
    "predict": """
def predict(model, images):
    return model[y[((x**2).sum(axis=1) - 2 * images @ x.T).argmin(axis=1)]]
""",
}

# Turns and mirrors the notebook's digits until they fit those it is given, and levels out their contrast.
TURNS_BACK = {
    "train": """
def level(images):
    images = images - images.mean(axis=1, keepdims=True)
    return images / np.linalg.norm(images, axis=1, keepdims=True)

def train(images, labels, seed):
    pictures, found = x.reshape(-1, 8, 8), []
    for way in (pictures, pictures.transpose(0, 2, 1)):
        for down, right in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            known = level(way[:, ::down, ::right].reshape(-1, 64))
            guess, table = y[(level(images) @ known.T).argmax(axis=1)], np.zeros((10, 10))
            np.add.at(table, (guess, labels), 1)
            names = table.argmax(axis=1)
            found.append((np.mean(names[guess] == labels), len(found), known, names[y]))
    return max(found)[2:]
""",
    "predict": """
def predict(model, images):
    known, names = model
    return names[(level(images) @ known.T).argmax(axis=1)]
""",
}

SLOW = {
    "train": """
import time

def train(x, y, seed):
    time.sleep(10.5 if len(x) == 600 else 0)
    return x.copy(), y.copy()
""",
    "predict": """
def predict(model, x):
    return model[1][((model[0] ** 2).sum(axis=1) - 2 * x @ model[0].T).argmin(axis=1)]
""",
}

UNSEEDED = {
    **LINEAR,
    "train": LINEAR["train"].replace("np.zeros((64, 10))", "np.random.default_rng().normal(size=(64, 10))"),
}

CHANGES_LABELS = {
    **LINEAR,
    "train": LINEAR["train"].replace("    for _", "    y %= 3\n    for _"),
}

DEPENDS_ON_THE_OTHERS = {
    **LINEAR,
    "predict": """
def predict(model, x):
    x = x - x.mean(axis=0)
    return (x @ model[0] + model[1]).argmax(axis=1)
""",
}
