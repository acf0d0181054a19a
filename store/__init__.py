"""Everything that touches Redis: keys, scripts, sealed bodies, RQ queues, the due-set."""
