"""What drives the fronts: joins with bed, runoff and ocean, and attribution."""
