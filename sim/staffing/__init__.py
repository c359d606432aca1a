"""Who works when: the cheapest weeks of shifts that cover a requirement (§19)."""
