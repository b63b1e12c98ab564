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
    "us-reg-f": {},
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
