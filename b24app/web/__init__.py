"""Pages and routes: requests are read here, and the results of the services are shown here."""
