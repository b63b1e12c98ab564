"""The peers of the policy benchmark: the same rules in Cedar and Rego, and the facts they are given."""
