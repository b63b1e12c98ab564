"""Parts of `asr_bench.py` and `latency_bench.py`: inputs, scoring by position, peers, a house under load."""
