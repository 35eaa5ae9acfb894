"""The sources that desirepath reads, one file each; see `desirepath.connectors.connector`."""
