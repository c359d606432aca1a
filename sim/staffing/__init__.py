"""Who works when: the cheapest weeks of shifts that cover a requirement, and the best that a budget buys (§19)."""
