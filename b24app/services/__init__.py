"""The rules: a ``session`` argument touches our database, a ``b24`` argument talks to Bitrix24. No Flask here."""
