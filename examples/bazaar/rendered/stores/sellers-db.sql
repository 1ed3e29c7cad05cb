-- The users of bazaar-sellers-db: run once, and after each change, as the master user.
-- control: identity.least-privilege
-- from: stores.sellers-db

CREATE USER IF NOT EXISTS 'sellers' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL;
GRANT SELECT, INSERT, UPDATE, DELETE ON `sellers_db`.* TO 'sellers';
