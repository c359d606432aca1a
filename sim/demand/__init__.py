"""When citizens call: expected rates, random factors, and the keyed draws of contacts (§2, §3)."""
