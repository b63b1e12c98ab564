"""Rules on which the two readings differ because the page of law itself can be read in two ways.

Key: the side that denies alone, and its rule. An entry leaves when the text, or a lawyer, has settled the question and
one side has been changed; a difference that is not listed here is a slip, and fails the tests.
"""

OPEN_QUESTIONS: dict[str, dict[tuple[str, str], str]] = {
    "cn": {
        ("naive", "cn-quiet-hours"): "Does the debtor's consent open 22:00-08:00 for messages, as the guideline would?",
        ("naive", "cn-number-daily-cap"): "Is the number's count one for all persons, or one for each?",
        ("naive", "cn-daily-call-cap"): "Are third persons at two numbers two persons?",
    },
    "us-reg-f": {
        ("naive", "us-ma-2in7"): "Do contacts with the attorney count, and which contacts were made 'elsewhere'?",
        ("naive", "us-third-party"): "May a parent be contacted whose child is flagged a minor, but turns 18 today?",
        ("naive", "us-workplace"): "Must it be the person contacted who wrote from the employer's address?",
        ("naive", "us-location-info-once"): "Does an enquiry that reached nobody, or another number, use the one up?",
        (
            "product",
            "us-location-info-once",
        ): "Is the parent of a minor, who is a consumer, asked only once all the same?",
        ("product", "us-time-preference"): "Must the answer use the address the message came from?",
        ("product", "us-channel-optout"): "The same, where the medium was refused.",
        ("naive", "us-time-preference"): "With two zones, must the message have come in the quiet window of both?",
        ("naive", "us-channel-optout"): "Is there one confirmation by the medium, or one to each of its addresses?",
        ("naive", "us-tcpa-artificial-voice"): "Is consent of the same second prior?",
        ("naive", "us-post-conversation-7d"): "Is a location enquiry a call, or a conversation, about the debt?",
        (
            "naive",
            "us-call-cap-7in7",
        ): "Are third persons at two numbers two persons; is consent of the same second prior?",
        (
            "naive",
            "us-quiet-hours",
        ): "The same, for closed hours; and what does a window that ends where it starts open?",
    },
    "uk-conc7": {},
    "in-rbi": {},
}
