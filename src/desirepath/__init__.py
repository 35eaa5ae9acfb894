"""desirepath: customer journey analytics on your own machine."""
