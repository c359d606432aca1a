"""The command ``hotline``: one file per group of commands, no arithmetic."""
