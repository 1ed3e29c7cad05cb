package data

import (
	"strings"

	"fathom/platform"
	"fathom/render"
)

// databaseUsers is what makes the users that services log in as, which no API of AWS
// does: one of each service's name that has no password and logs in with a token
// of IAM, and may do what the service was declared to.
func databaseUsers(p *platform.Platform, s *platform.Store) string {
	var b strings.Builder
	line := func(text ...string) { b.WriteString(strings.Join(text, "") + "\n") }
	line("-- The users of ", render.Name(p, s.Name), ": run once, and after each change, as the master user.")
	line("-- control: identity.least-privilege")
	line("-- from: ", from(s))
	line()
	schema := render.Label(s.Name)
	for _, u := range p.Users(s.Name) {
		user := u.By.Name
		write := u.Use.Access == "write"
		if s.Engine == platform.MySQL {
			line("CREATE USER IF NOT EXISTS '", user, "' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL;")
			rights := "SELECT"
			if write {
				rights = "SELECT, INSERT, UPDATE, DELETE"
			}
			line("GRANT ", rights, " ON `", schema, "`.* TO '", user, "';")
			line()
			continue
		}
		line("DO $$ BEGIN CREATE ROLE \"", user, "\" LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;")
		line("GRANT rds_iam TO \"", user, "\";")
		line("GRANT CONNECT ON DATABASE \"", schema, "\" TO \"", user, "\";")
		line("GRANT USAGE ON SCHEMA public TO \"", user, "\";")
		rights := "SELECT"
		if write {
			rights = "SELECT, INSERT, UPDATE, DELETE"
			line("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO \"", user, "\";")
			line("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO \"", user, "\";")
		}
		line("GRANT ", rights, " ON ALL TABLES IN SCHEMA public TO \"", user, "\";")
		line("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ", rights, " ON TABLES TO \"", user, "\";")
		line()
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
