"""Parts of `media_bench.py`: the calls that are sent, a server, a sender, and the peer in an interpreter of its own."""
