package data

import (
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// aurora is what differs between the engines.
type aurora struct {
	engine, version string
	family          string // of the parameter groups
	logs            []string
	parameters      [][2]string
}

// auroraOf is the engine of a store. Versions are those of Aurora, which are not
// the engines' own: 8.0.mysql_aurora.3.10.0.
func auroraOf(p *platform.Platform, s *platform.Store) aurora {
	a := aurora{
		engine: "aurora-postgresql", version: "16.8", logs: []string{"postgresql"},
		parameters: [][2]string{
			{"rds.force_ssl", "1"},
			{"log_connections", "1"},
			{"log_disconnections", "1"},
			{"log_statement", "ddl"},
		},
	}
	if s.Engine == platform.MySQL {
		a = aurora{
			engine: "aurora-mysql", version: "8.0.mysql_aurora.3.10.0", logs: []string{"audit", "error"},
			parameters: [][2]string{
				{"require_secure_transport", "ON"},
				{"server_audit_logging", "1"},
				{"server_audit_events", "CONNECT,QUERY_DCL,QUERY_DDL"},
			},
		}
	}
	// A version of MySQL alone, 8.0, leaves it open which of Aurora's is meant.
	if s.Version != "" && !strings.HasPrefix(a.version, s.Version+".") {
		a.version = s.Version
	}
	parts := strings.Split(a.version, ".")
	a.family = a.engine + parts[0]
	if s.Engine == platform.MySQL && len(parts) > 1 {
		a.family += "." + parts[1]
	}
	if holdsCards(p, s) {
		a.parameters = silent(a.parameters)
	}
	return a
}

// silent leaves no statement in the logs: a statement may hold a card number.
func silent(parameters [][2]string) [][2]string {
	out := make([][2]string, 0, len(parameters)+1)
	for _, q := range parameters {
		switch q[0] {
		case "log_statement":
			q[1] = "none"
			out = append(out, [2]string{"log_min_error_statement", "panic"})
		case "server_audit_events":
			q[1] = "CONNECT"
		}
		out = append(out, q)
	}
	return out
}

// relational renders an Aurora cluster: its parameters, its logs, its instances and
// the users that its services log in as.
func relational(p *platform.Platform, s *platform.Store) []render.Resource {
	a := auroraOf(p, s)
	label, name := render.Label(s.Name), render.Name(p, s.Name)
	set, nest := terraform.Set, terraform.Nest
	note := ""
	if holdsCards(p, s) {
		note = "no statement is logged, as it may hold a card number"
	}
	group := []terraform.Entry{
		set("name", name),
		set("family", a.family),
		set("description", "refuses plaintext"),
	}
	for _, q := range a.parameters {
		group = append(group, nest("parameter", set("name", q[0]), set("value", q[1])))
	}
	out := []render.Resource{
		terraform.Resource("aws_rds_cluster_parameter_group", label, append(group, set("tags", storeTags(p, s)))...).
			For("mesh.store-tls").From(from(s)).Note(note),
	}
	groups := terraform.List{}
	for _, log := range a.logs {
		g := render.LogGroup(p, "store_"+label+"_"+log, "/aws/rds/cluster/"+name+"/"+log)
		groups = append(groups, g)
		out = append(out, g.For("data.retention", "data.at-rest").From(from(s), "logs").
			Note("made here, as RDS would make it without a key and without an end"))
	}
	return append(out,
		cluster(p, s, a, groups),
		instances(p, s),
		&render.Text{Path: "stores/" + s.Name + ".sql", Content: databaseUsers(p, s)},
	)
}

// cluster is the cluster itself. Its master password is made, kept and rotated by
// RDS in Secrets Manager; services log in with tokens of IAM.
func cluster(p *platform.Platform, s *platform.Store, a aurora, logs terraform.List) *terraform.Block {
	label, name := render.Label(s.Name), render.Name(p, s.Name)
	set, nest := terraform.Set, terraform.Nest
	body := []terraform.Entry{
		set("cluster_identifier", name),
		set("engine", a.engine),
		set("engine_version", a.version),
		set("database_name", label),
		set("db_subnet_group_name", terraform.Expr("aws_db_subnet_group."+string(tier(s))+".name")),
		set("vpc_security_group_ids", terraform.List{render.StoreGroup(s.Name)}),
		set("db_cluster_parameter_group_name", terraform.Expr("aws_rds_cluster_parameter_group."+label+".name")),
		set("storage_encrypted", true),
		set("kms_key_id", render.KeyARN(render.StoreKey(s))),
		set("master_username", "keeper"),
		set("manage_master_user_password", true),
		set("master_user_secret_kms_key_id", render.KeyARN("secrets")),
		set("iam_database_authentication_enabled", true),
		set("enabled_cloudwatch_logs_exports", a.logs),
		set("backup_retention_period", automated(s)),
		set("copy_tags_to_snapshot", true),
		set("delete_automated_backups", false),
		set("deletion_protection", true),
		set("skip_final_snapshot", false),
		set("final_snapshot_identifier", name+"-final"),
		set("tags", storeTags(p, s)),
	}
	if serverless(s) {
		body = append(body, nest("serverlessv2_scaling_configuration", set("min_capacity", 0.5), set("max_capacity", 16)))
	}
	body = append(body, set("depends_on", logs))
	return terraform.Resource("aws_rds_cluster", label, body...).
		For("data.at-rest", "data.backups", "data.classes", "data.secrets").For(cardControls(p, s)...).From(from(s))
}

// automated are the days that RDS keeps its own backups, from which any moment
// can be restored: at most 35 (CreateDBCluster).
func automated(s *platform.Store) int { return min(max(days(s.Backup.Keep), few), 35) }

func serverless(s *platform.Store) bool { return s.Size == "" || s.Size == "db.serverless" }

// instances are the cluster's: one that writes and one that takes over, in two
// zones.
func instances(p *platform.Platform, s *platform.Store) *terraform.Block {
	label, name := render.Label(s.Name), render.Name(p, s.Name)
	ref := func(attribute string) terraform.Expr {
		return terraform.Expr("aws_rds_cluster." + label + "." + attribute)
	}
	set := terraform.Set
	size := s.Size
	if serverless(s) {
		size = "db.serverless"
	}
	return terraform.Resource("aws_rds_cluster_instance", label,
		set("for_each", terraform.Call{Name: "toset", Args: []any{p.Network.Zones[:min(2, len(p.Network.Zones))]}}),
		set("identifier", terraform.Template(name+"-${each.key}")),
		set("cluster_identifier", ref("id")),
		set("engine", ref("engine")),
		set("engine_version", ref("engine_version")),
		set("instance_class", size),
		set("availability_zone", terraform.Template(p.Region+"${each.key}")),
		set("publicly_accessible", false),
		set("performance_insights_enabled", true),
		set("performance_insights_kms_key_id", render.KeyARN(render.StoreKey(s))),
		set("auto_minor_version_upgrade", false).
			Remark("the version is raised here: AWS lowers none that it raised by itself, which the next plan would ask for"),
		set("copy_tags_to_snapshot", true),
		set("tags", storeTags(p, s)),
	).For("data.at-rest").From(from(s), "network.zones")
}
