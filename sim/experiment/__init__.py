"""A run: its replications simulated side by side, kept, put together, and made into tables."""
