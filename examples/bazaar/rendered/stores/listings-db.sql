-- The users of bazaar-listings-db: run once, and after each change, as the master user.
-- control: identity.least-privilege
-- from: stores.listings-db

CREATE USER IF NOT EXISTS 'listings' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL;
GRANT SELECT, INSERT, UPDATE, DELETE ON `listings_db`.* TO 'listings';

CREATE USER IF NOT EXISTS 'reviews' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL;
GRANT SELECT ON `listings_db`.* TO 'reviews';
