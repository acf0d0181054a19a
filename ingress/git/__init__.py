"""The Git receiver: hears of pushes from any Git host, and has the repos polled that they concern."""
