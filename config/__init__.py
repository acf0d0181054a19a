"""Every setting and the set-up of logging. Imported by composition roots only."""
