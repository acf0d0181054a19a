"""The command `fleet`, a composition root: reads settings, starts and stops what runs, speaks to people."""
