"""One text on several cards: choosing cards, confirming, progress, and deleting all entries again."""
