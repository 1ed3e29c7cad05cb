-- The users of bazaar-accounts-db: run once, and after each change, as the master user.
-- control: identity.least-privilege
-- from: stores.accounts-db

CREATE USER IF NOT EXISTS 'accounts' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL;
GRANT SELECT, INSERT, UPDATE, DELETE ON `accounts_db`.* TO 'accounts';
