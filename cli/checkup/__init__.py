"""The checkup: what `fleet doctor` looks at."""
