"""The Twilio adapter (extra `twilio`): calls, messages, recordings, signed callbacks and Media Streams."""
