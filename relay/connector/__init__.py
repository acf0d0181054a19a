"""The connector: the local end of a tunnel. It brings deliveries to local targets and answers for them."""
