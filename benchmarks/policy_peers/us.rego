# Contact rules of the United States for the Rego peer: the same rules, on the same scenarios, from facts with clocks read.
package fairline.us

import rego.v1

call := input.channel in {"voice", "voicemail"}

in_window(clock, window) if {
	window.start < window.end
	clock.weekday in window.days
	clock.secs >= window.start
	clock.secs < window.end
}

in_window(clock, window) if {
	window.start >= window.end
	clock.weekday in window.days
	clock.secs >= window.start
}

in_window(clock, window) if {
	window.start >= window.end
	clock.yesterday in window.days
	clock.secs < window.end
}

night(clock) if clock.secs >= 75600

night(clock) if clock.secs < 28800

inconvenient(clocks) if {
	some clock in clocks
	night(clock)
}

inconvenient(clocks) if quiet(clocks)

quiet(clocks) if {
	some clock in clocks
	some window in input.windows
	in_window(clock, window)
}

agreed(clock) if {
	input.party == "debtor"
	some consent in input.consents
	consent.kind == "inconvenient_time"
	consent.given_to == "collector"
	consent.debt in {"", input.debt}
	consent.at <= input.at
	input.at < consent.until
	in_window(clock, consent.window)
	not inconvenient(consent.clocks)
}

deny contains "us-quiet-hours" if {
	some clock in input.clocks
	night(clock)
	not agreed(clock)
}

medium(channel) := "voice" if channel == "voicemail"

medium(channel) := channel if channel != "voicemail"

with_us(c) if {
	c.party == input.party
	medium(c.channel) == medium(input.channel)
	same_address(c)
}

answered_after(at) if {
	some c in input.history
	c.direction == "outbound"
	with_us(c)
	c.at >= at
}

waiting(c) if {
	c.direction == "inbound"
	c.outcome != "conversation"
	with_us(c)
	input.debt in c.debts
	not answered_after(c.at)
}

begun(clock, window) := clock.day if {
	in_window(clock, window)
	clock.weekday in window.days
	clock.secs >= window.start
}

begun(clock, window) := clock.day - 1 if {
	in_window(clock, window)
	not today(clock, window)
}

today(clock, window) if {
	clock.weekday in window.days
	clock.secs >= window.start
}

same_window(c) if not disagreeing(c)

disagreeing(c) if {
	some index, clock in input.clocks
	some window in input.windows
	in_window(clock, window)
	not alike(clock, c.clocks[index], window)
}

alike(now, then, window) if begun(now, window) == begun(then, window)

answer_to_quiet_message if {
	input.purpose == "reply"
	some c in input.history
	waiting(c)
	same_window(c)
}

deny contains "us-time-preference" if {
	quiet(input.clocks)
	not answer_to_quiet_message
}

deny contains "us-inconvenient-place" if {
	"hospitalised" in input.flags
	input.party == "debtor"
}

deny contains "us-represented" if {
	"represented" in input.flags
	input.party != "attorney"
}

deny contains "us-ceased" if "ceased" in input.flags

deny contains "us-disputed" if "disputed" in input.flags

deny contains "us-bankruptcy-stay" if "bankrupt" in input.flags

deny contains "us-wrong-number" if "wrong_number" in input.flags

deny contains "us-deceased" if {
	"deceased" in input.flags
	not input.party in {"executor", "spouse"}
}

deny contains "us-workplace" if {
	input.place == "work"
	"employer_prohibits" in input.flags
}

wrote_from_work if {
	some c in input.history
	c.direction == "inbound"
	c.channel == "email"
	c.address == input.address
}

deny contains "us-workplace" if {
	input.place == "work"
	input.channel == "email"
	not wrote_from_work
}

ended(_, _) if input.party != "debtor"

ended(consent, at) if at >= consent.until

ended(consent, at) if at >= consent.seven_days

ended(consent, at) if {
	some c in input.history
	c.channel == "voice"
	c.outcome == "conversation"
	input.debt in c.debts
	c.at > consent.at
	c.at < at
}

extra_calls(at) if {
	some consent in input.consents
	consent.kind == "additional_calls"
	consent.given_to == "collector"
	consent.debt in {"", input.debt}
	consent.at <= at
	not ended(consent, at)
}

rang := {"no_answer", "voicemail", "conversation", "declined", "dropped", "wrong_number", "delivered"}

connected := rang | {"bounced"}

ours(c) if {
	c.party == input.party
	input.debt in c.debts
	same_person(c)
}

same_person(_) if input.party != "third_party"

same_person(c) if same_address(c)

deny contains "us-call-cap-7in7" if {
	call
	input.party != "attorney"
	not extra_calls(input.at)
	count([1 |
		some c in input.history
		c.direction == "outbound"
		c.channel in {"voice", "voicemail"}
		c.outcome in connected
		ours(c)
		c.day > input.day - 7
		not extra_calls(c.at)
	]) >= 7
}

enquiry(contact) if {
	contact.purpose == "location_information"
	contact.party in {"third_party", "parent", "guarantor"}
}

deny contains "us-post-conversation-7d" if {
	call
	input.party != "attorney"
	not enquiry(input)
	not extra_calls(input.at)
	some c in input.history
	c.channel == "voice"
	c.outcome == "conversation"
	not enquiry(c)
	ours(c)
	c.day > input.day - 7
}

same_address(c) if c.address == input.address

same_address(c) if c.address == ""

same_address(_) if input.address == ""

confirmed if {
	some c in input.history
	c.direction == "outbound"
	c.purpose == "opt_out_confirmation"
	c.party == input.party
	medium(c.channel) == medium(input.channel)
}

excused if {
	input.purpose == "opt_out_confirmation"
	not confirmed
}

excused if {
	input.purpose == "reply"
	some c in input.history
	waiting(c)
}

refused if input.channel in input.no_channels

refused if {
	input.channel == "voicemail"
	"voice" in input.no_channels
}

refused if input.address in input.no_addresses

refused if {
	input.address == ""
	input.party == "debtor"
	count(input.no_addresses) > 0
}

refused if {
	"revoked_sms_consent" in input.flags
	input.channel == "sms"
}

deny contains "us-channel-optout" if {
	refused
	not excused
}

minor if "minor" in input.flags

minor if {
	count(input.clocks) > 0
	every clock in input.clocks { clock.day < input.birthday_18 }
}

consumer if input.party in {"debtor", "spouse", "guardian", "executor", "attorney"}

consumer if {
	input.party == "parent"
	minor
}

deny contains "us-third-party" if {
	not consumer
	input.purpose != "location_information"
}

deny contains "us-third-party" if {
	input.party == "third_party"
	"third_party_refused" in input.flags
}

deny contains "us-location-info-once" if {
	input.purpose == "location_information"
	input.party in {"third_party", "parent", "guarantor"}
	some c in input.history
	c.direction == "outbound"
	c.purpose == "location_information"
	c.party in {"third_party", "parent", "guarantor"}
	c.outcome in {"conversation", "voicemail", "dropped", "delivered"}
	same_address(c)
}

voice_agreed if {
	input.party == "debtor"
	some consent in input.consents
	consent.kind == "artificial_voice"
	consent.debt in {"", input.debt}
	consent.at <= input.at
	input.at < consent.until
}

deny contains "us-tcpa-artificial-voice" if {
	input.voice == "artificial"
	call
	not voice_agreed
}

telephone(c) if {
	c.direction == "outbound"
	c.channel in {"voice", "voicemail", "sms"}
	c.outcome in rang
	c.party != "attorney"
	input.debt in c.debts
}

massachusetts if {
	input.region == "US-MA"
	input.channel in {"voice", "voicemail", "sms"}
	input.party != "attorney"
}

deny contains "us-ma-2in7" if {
	massachusetts
	input.place == "personal"
	count([1 | some c in input.history; telephone(c); c.day > input.day - 7]) >= 2
}

deny contains "us-ma-2in7" if {
	massachusetts
	input.place == "work"
	count([1 | some c in input.history; telephone(c); same_address(c); c.day > input.day - 30]) >= 2
}
