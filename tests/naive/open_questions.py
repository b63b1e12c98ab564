"""Rules on which the two readings differ because the page of law itself can be read in two ways.

Key: the side that denies alone, and its rule. An entry leaves when the text, or a lawyer, has settled the question and
one side has been changed; a difference that is not listed here is a slip, and fails the tests.
"""

OPEN_QUESTIONS: dict[str, dict[tuple[str, str], str]] = {"cn": {}, "us-reg-f": {}, "uk-conc7": {}, "in-rbi": {}}
