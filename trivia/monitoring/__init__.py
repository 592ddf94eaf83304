"""Is the service well? Health now; metrics, alerts and the status page have their place here."""
