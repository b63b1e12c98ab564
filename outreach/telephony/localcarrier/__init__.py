"""A Twilio-compatible carrier on this machine: REST, TwiML, signed callbacks, Media Streams, recordings, SMS, faults.

The Twilio adapter runs against it unchanged, over real sockets. It needs no account, calls nobody, and its parties are
simulated people who speak with synthesised telephone speech and listen to each other's audio.
"""
