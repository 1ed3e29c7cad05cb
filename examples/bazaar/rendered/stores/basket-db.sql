-- The users of bazaar-basket-db: run once, and after each change, as the master user.
-- control: identity.least-privilege
-- from: stores.basket-db

CREATE USER IF NOT EXISTS 'basket' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL;
GRANT SELECT, INSERT, UPDATE, DELETE ON `basket_db`.* TO 'basket';
