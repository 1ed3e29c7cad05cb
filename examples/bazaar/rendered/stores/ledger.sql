-- The users of bazaar-ledger: run once, and after each change, as the master user.
-- control: identity.least-privilege
-- from: stores.ledger

CREATE USER IF NOT EXISTS 'settlement' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL;
GRANT SELECT, INSERT, UPDATE, DELETE ON `ledger`.* TO 'settlement';
