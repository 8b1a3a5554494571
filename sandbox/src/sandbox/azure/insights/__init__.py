"""Microsoft.Insights: metric alerts and their action groups, and diagnostic settings. Nothing is measured or sent."""
