"""The RQ jobs: verify, fan out, attempt; the worker that runs them; and the sweeper."""
