# Contact rules of mainland China for the Rego peer: the same rules, on the same scenarios, from facts with clocks read.
# A local day is the ordinal of the calendar date on the first zone; `secs` are seconds since local midnight.
package fairline.cn

import rego.v1

call := input.channel in {"voice", "voicemail"}

message := input.channel in {"sms", "email"}

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

night(clock, from) if clock.secs >= from

night(clock, _) if clock.secs < 28800

agreed(clock) if {
	input.guideline
	input.party == "debtor"
	some consent in input.consents
	consent.kind == "inconvenient_time"
	consent.debt in {"", input.debt}
	consent.at <= input.at
	input.at < consent.until
	in_window(clock, consent.window)
}

deny contains "cn-quiet-hours" if {
	call
	some clock in input.clocks
	night(clock, 75600)
}

deny contains "cn-quiet-hours" if {
	message
	some clock in input.clocks
	night(clock, 79200)
	not agreed(clock)
}

deny contains "cn-no-contact-preference" if {
	some clock in input.clocks
	some window in input.windows
	in_window(clock, window)
}

rang := {"no_answer", "conversation", "voicemail", "busy", "declined", "dropped", "delivered"}

deny contains "cn-daily-call-cap" if {
	call
	count([1 |
		some c in input.history
		c.direction == "outbound"
		c.channel in {"voice", "voicemail"}
		c.outcome in rang
		c.party == input.party
		c.day == input.day
	]) >= 3
}

unanswered := {"no_answer", "voicemail", "busy", "not_in_service", "declined", "delivered", "bounced"}

same_address(c) if {
	c.address != ""
	input.address != ""
	c.address == input.address
}

same_address(c) if {
	c.address == ""
	c.party == input.party
}

same_address(c) if {
	input.address == ""
	c.party == input.party
}

deny contains "cn-number-daily-cap" if {
	call
	count([1 |
		some c in input.history
		c.direction == "outbound"
		c.channel in {"voice", "voicemail"}
		c.outcome in unanswered
		same_address(c)
		c.day == input.day
	]) >= 6
}

deny contains "cn-no-minors" if "minor" in input.flags

deny contains "cn-no-minors" if {
	not "minor" in input.flags
	some clock in input.clocks
	clock.day <= input.birthday_18
}

deny contains "cn-no-patients" if "hospitalised" in input.flags

deny contains "cn-third-party" if not input.party in {"debtor", "guarantor"}

deny contains "cn-deceased" if {
	"deceased" in input.flags
	input.party == "debtor"
}

deny contains "cn-wrong-number" if "wrong_number" in input.flags

deny contains "cn-dispute-hold" if "disputed" in input.flags

deny contains "cn-bankruptcy-stay" if "bankrupt" in input.flags

deny contains "cn-channel-optout" if input.channel in input.no_channels

deny contains "cn-channel-optout" if {
	input.channel == "voicemail"
	"voice" in input.no_channels
}

deny contains "cn-channel-optout" if input.address in input.no_addresses

deny contains "cn-channel-optout" if {
	input.address == ""
	input.party == "debtor"
	count(input.no_addresses) > 0
}

deny contains "cn-channel-optout" if "ceased" in input.flags

deny contains "cn-channel-optout" if {
	"revoked_sms_consent" in input.flags
	input.channel == "sms"
}
