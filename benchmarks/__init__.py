"""How fast the generated client and the generator are, beside Google's client: `python -m benchmarks`."""
