"""Who is on duty: the plan by 15 minutes, absence and seats (§14)."""
