-- The users of shopnow-orders-db: run once, and after each change, as the master user.
-- control: identity.least-privilege
-- from: stores.orders-db

DO $$ BEGIN CREATE ROLE "orders" LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT rds_iam TO "orders";
GRANT CONNECT ON DATABASE "orders_db" TO "orders";
GRANT USAGE ON SCHEMA public TO "orders";
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "orders";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO "orders";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "orders";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "orders";
