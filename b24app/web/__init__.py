"""The pages and addresses: what HTTP brings is read here, what the rules answer is shown here."""
