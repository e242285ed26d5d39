"""The business rules: ``session`` arguments use our database, ``b24`` arguments call Bitrix24. No Flask here."""
