"""Components as guests in a shared estate: settings of others stay, what exists is not taken over, no data is lost."""
