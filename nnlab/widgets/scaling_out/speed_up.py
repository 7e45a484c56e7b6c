"""The time of a data-parallel step: computing shrinks with the workers, the ring all-reduce and the rest do not."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.widgets import Axis, Bars, Choice, Goal, Line, LogSlider, Plot, Points, Predict, Rule, explorer

WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
DEVICES = {1e11: "core, 10¹¹ op/s", 1e13: "GPU, 10¹³ op/s"}
SERIAL = 0.01  # of one worker's step: what every worker has to do for itself, such as the update
LATENCY = 1e-5  # seconds before a message's first byte arrives
BYTES = 4  # of a float32 gradient
PASSES = 6  # operations for a parameter and example: 2 forward, 4 backward
LINKS = {0.1: "0.1 (slow)", 1.25: "1.25 (10 Gb/s)", 12.5: "12.5 (100 Gb/s)", 300.0: "300 (NVLink)"}


def compute_time(workers: np.ndarray, parameters: float, batch: np.ndarray, device: float) -> np.ndarray:
    """Seconds for a worker's share of the batch; the largest share counts, for the others wait."""
    return PASSES * parameters * np.ceil(batch / workers) / device


def reduce_time(workers: np.ndarray, parameters: float, link: float) -> np.ndarray:
    """Seconds of a ring all-reduce: 2(p − 1) messages of 1/p of the gradient, at ``link`` gigabytes a second.

    So a worker sends 2(p − 1)/p of the gradient, at most twice its size however many workers there are (Patarasuk and
    Yuan 2009). One worker sends nothing.
    """
    return 2 * (workers - 1) * (LATENCY + BYTES * parameters / workers / (link * 1e9))


def step_times(parameters: float, batch: int, link: float, device: float, growing: bool) -> np.ndarray:
    """Seconds by number of workers (3, 9): computing, all-reduce, and what cannot be shared out."""
    workers = np.array(WORKERS)
    computing = compute_time(workers, parameters, batch * workers if growing else np.array(batch), device)
    fixed = SERIAL / (1 - SERIAL) * computing[0]
    return np.array([computing, reduce_time(workers, parameters, link), np.full(len(workers), fixed)])


def words(s: Any) -> str:
    """What limits the speed-up, and where it is best."""
    best = int(np.argmax(s.gain))
    size = f"{s.batch} examples for each worker" if s.growing else f"{s.batch} examples shared out"
    kind = "processor cores" if s.device == 1e11 else "GPUs"
    start = f"{kind.capitalize() if kind[0] == 'p' else kind}, {s.parameters:.0e} parameters, {size}, {s.link:g} GB/s. "
    here = (
        "{workers} workers: a step takes {total[workers]:.3g} ms, of which the all-reduce is {talk[workers]:.0%}; "
        "{gain[workers]:.3g} times the examples a second of one worker. "
    )
    top = (
        f"The best is {s.gain[best]:.3g} times with {WORKERS[best]} workers. "
        if best < len(WORKERS) - 1
        else f"More workers still help: 256 give {s.gain[-1]:.3g} times. "
    )
    limit = (
        "A batch that grows with the workers is not held by Amdahl's limit, but needs a learning rate to match."
        if s.growing
        else "One hundredth of the work cannot be shared, so even free links stay below 100 times (Amdahl)."
    )
    return start + here + top + limit


@explorer(
    name="speed-up",
    title="What more workers bring",
    controls={
        "workers": Choice("Workers", WORKERS, initial=16),
        "device": Choice("A worker is a", DEVICES),
        "link": Choice("Link between workers, GB/s", LINKS, initial=1.25),
        "parameters": LogSlider("Parameters of the model", 1e5, 1e9, per_decade=2, initial=1e7, format=".0e"),
        "batch": Choice("Batch", (64, 256, 1024, 4096), initial=1024),
        "growing": Choice("The batch is", {False: "shared out", True: "for each worker"}),
    },
    panels=[
        Plot(
            title="Examples a second, against one worker",
            height=270,
            margin_right=86,
            x=Axis(label="workers", domain=(1, 256), log=True, ticks=WORKERS),
            y=Axis(domain=(0.01, 300), log=True, ticks=(0.01, 0.1, 1, 10, 100)),
            marks=[
                Line("counts", "counts", color="muted", width=1.5, dash=True, label="ideal"),
                Line("counts", "silent", color="c3", width=1.5, label="free links"),
                Rule(y="amdahl", color="c5", label="Amdahl's limit", when="limited"),
                Line("counts", "gain", color="c1", width=3, label="these links", label_dy=10),
                Points("workers", "gain[workers]", color="c1", size=6),
            ],
        ),
        Bars(
            title="A step with {workers} workers, in milliseconds",
            height=110,
            values="parts[workers]",
            labels=("computing the shares", "ring all-reduce", "what cannot be shared"),
            format=".3g",
            axis=Axis(log=True, domain=(1e-3, 1e6)),
            colors=("c3", "c2", "c5"),
        ),
    ],
    describe=words,
    goals=[Goal("make 64 workers more than 50 times as fast as one, with 10 Gb/s Ethernet", met="fast")],
    predict=Predict(
        question="16 cores with 10 Gb/s links share 1,024 examples; 10 million parameters. How many times as fast?",
        choices=("nearly 16 times", "4 to 14 times", "under 4 times"),
        answer="guess",
        reveal={"workers": 16, "device": 1e11, "link": 1.25, "parameters": 1e7, "batch": 1024, "growing": False},
        outcome="{gain[4]:.2g} times: {parts[4, 0]:.2g} ms of computing and {parts[4, 1]:.2g} ms of all-reduce.",
        holds=("workers",),
    ),
)
def speed_up(device: float, link: float, parameters: float, batch: int, growing: bool) -> dict[str, Any]:
    """A step's time by the cost model computing + ring all-reduce + a fixed part, for 1 to 256 workers."""
    counts = np.array(WORKERS, dtype=float)
    parts = step_times(parameters, batch, link, device, growing)
    total, silent = parts.sum(axis=0), parts[0] + parts[2]
    examples = counts if growing else np.ones(len(counts))
    gain = examples * total[0] / total
    return {
        "counts": counts, "gain": gain, "silent": examples * silent[0] / silent, "total": 1000 * total,
        "talk": parts[1] / total, "parts": 1000 * parts.T, "amdahl": 1 / SERIAL, "limited": not growing,
        "fast": link == 1.25 and gain[WORKERS.index(64)] > 50,
        "guess": 0 if gain[4] > 14 else 1 if gain[4] >= 4 else 2,
    }  # fmt: skip
