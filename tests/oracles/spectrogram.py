# /// script
# requires-python = ">=3.10"
# dependencies = ["numpy==2.4.6"]
# ///
"""Reference values of the spectrogram, from Praat's definitions with sums written out in numpy.

Writes ../fixtures/spectrogram.json:

    python tests/oracles/spectrogram.py

The signal is one second at 16 kHz: 0.3 sin(2 pi 440 n / 16000), a sweep of amplitude 0.2 from 300
to 4300 Hz in its second half, and noise of amplitude 0.01 from x = (1103515245 x + 12345) mod 2^31.
"""

import json
import pathlib

import numpy as np

RATE = 16_000
LENGTH = 158  # samples of a Gaussian window of 5 ms effective, 10 ms physical length
POINTS = 1024
ROWS = 320


def signal():
    n = np.arange(RATE)
    t = n / RATE
    x = 0.3 * np.sin(2 * np.pi * 440 * t)
    u = np.maximum(t - 0.5, 0)
    x += np.where(t >= 0.5, 0.2 * np.sin(2 * np.pi * (300 * u + 4000 * u * u)), 0)
    state, noise = 1, []
    for _ in range(RATE):
        state = (1103515245 * state + 12345) % 2**31
        noise.append(state / 2**30 - 1)
    return (x + 0.01 * np.array(noise)).astype(np.float32).astype(np.float64)


def power(x, at):
    """One-sided power density in 1/Hz of each line around `at` seconds."""
    a = np.exp(-2 * np.pi * 50 / RATE)
    emphasised = x - a * np.concatenate([[0], x[:-1]])
    u = (np.arange(LENGTH) - (LENGTH - 1) / 2) / LENGTH
    window = (np.exp(-48 * u**2) - np.exp(-12)) / (1 - np.exp(-12))
    left = int(np.floor(at * RATE + 1e-6))
    index = np.arange(left - LENGTH // 2 + 1, left + LENGTH // 2 + 1)
    inside = (index >= 0) & (index < len(x))
    frame = np.where(inside, emphasised[np.clip(index, 0, len(x) - 1)], 0) * window
    lines = np.arange(ROWS)[:, None] * np.arange(LENGTH)[None, :]
    transform = (frame[None, :] * np.exp(-2j * np.pi * lines / POINTS)).sum(axis=1)
    return 2 * np.abs(transform) ** 2 / RATE / (window**2).sum()


def column(x, start, step):
    frames = int(np.clip(np.round(step / 0.002), 1, 8))
    mean = sum(power(x, start + step * (k + 0.5) / frames) for k in range(frames)) / frames
    return [round(float(level), 3) for level in 10 * np.log10(mean / 4e-10 + 1e-30)]


x = signal()
columns = [
    {"start": start, "step": step, "decibels": column(x, start, step)}
    for start, step in [(0.0, 0.002), (0.25, 0.0005), (0.61, 0.001), (0.4, 0.25), (0.998, 0.002)]
]
path = pathlib.Path(__file__).parent.parent / "fixtures" / "spectrogram.json"
path.write_text(json.dumps({"first": [float(v) for v in x[:5]], "columns": columns}) + "\n")
