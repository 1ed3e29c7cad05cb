-- The users of shopnow-card-vault: run once, and after each change, as the master user.
-- control: identity.least-privilege
-- from: stores.card-vault

DO $$ BEGIN CREATE ROLE "payments" LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT rds_iam TO "payments";
GRANT CONNECT ON DATABASE "card_vault" TO "payments";
GRANT USAGE ON SCHEMA public TO "payments";
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "payments";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO "payments";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "payments";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "payments";
