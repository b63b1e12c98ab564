"""The carrier port on the Twilio adapter against the local carrier: calls, callbacks, media, recordings."""

import io
import wave

import numpy as np

from outreach.telephony.events import CallProgress, CallStatus
from tests.contract.carrier_world import scenario, until, world


def test_a_call_from_start_to_end() -> None:
    with world(scenario()) as here:
        sid = here.place()
        end = here.final(sid)
        assert end.status is CallStatus.COMPLETED
        print(here.app.refused, [ (e.status.value,e.sequence) for e in here.app.of(CallProgress)])
        print(len(here.app.frames("inbound")), len(here.app.frames("outbound")), here.app.media_errors)
        import time; time.sleep(0.3)
        for e in here.app.events: print(e)
        print(here.carrier.fetch_call(sid), here.carrier.find_calls("+8613800000001", end.at))
        r=here.carrier.list_recordings(sid); print(r)
        wav=here.carrier.fetch_recording(r[0].recording_sid); print(len(wav))
        print(here.local.exchange.sender.deliveries)
