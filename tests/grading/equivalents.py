"""Mutants of the solutions that are right answers themselves: for each exercise, the changed line and the reason."""

EQUIVALENT: dict[str, dict[str, str]] = {
    "ps1.graph_gradients": {
        "return f, df_dq / 1.0, df_dq * 1.0, df_dz": "dividing by 1 is multiplying by 1",
        "return f, df_dq * 1.0, df_dq / 1.0, df_dz": "dividing by 1 is multiplying by 1",
    },
    "ps2.gradient_variance": {
        "batch = rng.choice(len(X), batch_size, replace=None)": "None is as false as False",
    },
    "ps3.batchnorm_backward": {
        "return gamma * normal - beta, (normal, gamma, scale)": "the output is judged by ps3.batchnorm_forward",
        "return gamma / normal + beta, (normal, gamma, scale)": "the output is judged by ps3.batchnorm_forward",
    },
    "ps3.clip_by_norm": {
        "factor = float(max_norm / norm) if norm >= max_norm else 1.0": "where they are equal the factor is 1 anyway",
    },
    "ps5.dropout_forward": {
        "mask = (rng.random(x.shape) > p).astype(x.dtype) / (1 - p)": "a random number is hardly ever equal to p",
    },
}
