"""The rules and two engines that follow them to the last bit; ``MODEL.md`` is the law."""
