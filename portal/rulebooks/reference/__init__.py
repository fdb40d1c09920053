"""The page from which anybody can write rules and cases: made from the models themselves."""
