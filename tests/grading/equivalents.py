"""Mutants of the solutions that are right answers themselves: for each exercise, the changed line and the reason."""

EQUIVALENT: dict[str, dict[str, str]] = {
    "ps1.graph_gradients": {
        "return f, df_dq / 1.0, df_dq * 1.0, df_dz": "dividing by 1 is multiplying by 1",
        "return f, df_dq * 1.0, df_dq / 1.0, df_dz": "dividing by 1 is multiplying by 1",
    },
}
