"""Rules on which the two readings differ because the page of law itself can be read in two ways.

Key: the side that denies alone, and its rule. An entry leaves when the text, or a lawyer, has settled the question and
one side has been changed; a difference that is not listed here is a slip, and fails the tests.
"""

OPEN_QUESTIONS: dict[str, dict[tuple[str, str], str]] = {
    "cn": {
        ("naive", "cn-quiet-hours"): "Does the debtor's consent open 22:00-08:00 for messages, as the guideline would?",
        (
            "naive",
            "cn-number-daily-cap",
        ): "Is the number's count one for all persons, and is a bounced drop an attempt?",
        ("naive", "cn-channel-optout"): "Is an unlabelled address, 'the debtor's only', the one that was refused?",
    },
    "us-reg-f": {
        ("naive", "us-third-party"): "Is a guarantor a consumer, though the page's list leaves him out?",
        ("naive", "us-ma-2in7"): "Do bounced messages, and contacts with the attorney, count in Massachusetts?",
        ("naive", "us-location-info-once"): "Does an enquiry that reached nobody, or another number, use the one up?",
        (
            "naive",
            "us-deceased",
        ): "Third persons, guarantor, attorney: whom besides executor and spouse, after a death?",
        ("naive", "us-time-preference"): "How long is a message 'just sent', and what besides a reply answers it?",
        ("product", "us-time-preference"): "Must the answer use the address the message came from?",
        ("naive", "us-channel-optout"): "What is a later use of the medium; is an unlabelled address the refused one?",
        ("product", "us-channel-optout"): "Must an opt-out message by the same medium precede its confirmation?",
        ("product", "us-workplace"): "Did the consumer write from the only address, when no label says so?",
        ("naive", "us-call-cap-7in7"): "Is a bounced ringless voicemail a placed call?",
        ("naive", "us-tcpa-artificial-voice"): "Is consent of the same second prior?",
        ("product", "us-third-party"): "Which rule holds for a third person who asked not to be contacted?",
    },
    "uk-conc7": {
        ("naive", "uk-third-party"): "May guarantor, executor or attorney be contacted though the page names none?",
        ("naive", "uk-excessive-frequency"): "Do contacts that reached nobody, or others than the debtor, count?",
        ("naive", "uk-unreasonable-hours"): "Must London's clock hold although London is not among the zones?",
        ("naive", "uk-vulnerable-hold"): "Is a bereavement a crisis?",
        ("naive", "uk-deceased"): "May the attorney of a dead customer be contacted?",
        ("naive", "uk-reasonable-requests"): "Is an unlabelled address, 'the debtor's only', the one that was refused?",
    },
    "in-rbi": {
        ("naive", "in-quiet-hours"): "Must Kolkata's clock hold although Kolkata is not among the zones?",
        ("naive", "in-excessive-calls"): "Do calls that reached nobody, or others than the debtor, count?",
        ("naive", "in-channel-optout"): "Is an unlabelled address, 'the debtor's only', the one that was refused?",
        (
            "product",
            "in-sensitive-occasion",
        ): "Is possible lack of capacity, which the page does not name, an occasion?",
    },
}
