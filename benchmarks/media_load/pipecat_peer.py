"""The peer, in an interpreter of its own that has `pipecat-ai` (I/O: standard input and output).

    python pipecat_peer.py MESSAGES.json RATE_HZ

Answers a line for every line it reads: processor nanoseconds of one pass over all messages. The first line it prints
says version, messages and the digest of the audio it made of them, one frame after the other as they came.
"""

import asyncio
import hashlib
import importlib.metadata
import json
import logging
import sys
import time
from pathlib import Path
from types import SimpleNamespace

logging.disable(logging.INFO)

from loguru import logger  # noqa: E402 - Pipecat logs while it is imported

logger.remove()

from pipecat.serializers.twilio import TwilioFrameSerializer  # noqa: E402


async def main() -> None:
    """Read messages, tell what they became, then measure when asked."""
    messages, rate_hz = json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2])
    serializer = TwilioFrameSerializer("MZ", params=TwilioFrameSerializer.InputParams(auto_hang_up=False))
    await serializer.setup(SimpleNamespace(audio_in_sample_rate=rate_hz))
    digest, tracks = hashlib.sha256(), set()
    for message in messages:
        frame = await serializer.deserialize(message)
        if frame is not None:
            digest.update(frame.audio)
            tracks.add(getattr(frame, "track", None))
    said = {
        "version": importlib.metadata.version("pipecat-ai"),
        "python": sys.version.split()[0],
        "sha256": digest.hexdigest(),
        "tells_tracks_apart": tracks != {None},
    }
    print(json.dumps(said), flush=True)
    for _ in sys.stdin:
        began = time.process_time_ns()
        for message in messages:
            await serializer.deserialize(message)
        print(time.process_time_ns() - began, flush=True)


asyncio.run(main())
