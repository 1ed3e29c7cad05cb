package data

import (
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// cache renders a Redis replication group over two zones, with a user for each
// service that logs in with a token of IAM.
func cache(p *platform.Platform, s *platform.Store) []render.Resource {
	label := render.Label(s.Name)
	set, nest := terraform.Set, terraform.Nest
	id := render.Short(40, p, s.Name)
	group := render.LogGroup(p, "store_"+label, "/aws/elasticache/"+id).For("data.retention", "data.at-rest").From(from(s), "logs")
	out := []render.Resource{group}
	users, names := cacheUsers(p, s)
	out = append(out, users...)
	out = append(out, terraform.Resource("aws_elasticache_user_group", label,
		set("engine", "redis"),
		set("user_group_id", id),
		set("user_ids", names),
	).For("identity.least-privilege").From(from(s)))
	body := []terraform.Entry{
		set("replication_group_id", id),
		set("description", p.Name+": "+s.Name),
		set("engine", "redis"),
		set("engine_version", orElse(s.Version, "7.1")),
		set("node_type", orElse(s.Size, "cache.t4g.small")),
		set("num_cache_clusters", 2),
		set("automatic_failover_enabled", true),
		set("multi_az_enabled", true),
		set("subnet_group_name", terraform.Expr("aws_elasticache_subnet_group."+string(tier(s))+".name")),
		set("security_group_ids", terraform.List{render.StoreGroup(s.Name)}),
		set("user_group_ids", terraform.List{terraform.Expr("aws_elasticache_user_group." + label + ".id")}),
		set("at_rest_encryption_enabled", true),
		set("kms_key_id", render.KeyARN(render.StoreKey(s))),
		set("transit_encryption_enabled", true),
		set("transit_encryption_mode", "required"),
	}
	// A cache is made again from what it caches; a copy would only keep what has
	// expired. One that is declared to be backed up is more than a cache.
	if s.Backup.Keep > 0 {
		body = append(body, set("snapshot_retention_limit", min(days(s.Backup.Keep), 35)))
	}
	body = append(body,
		set("tags", storeTags(p, s)),
		nest("log_delivery_configuration",
			set("destination", group.Attr("name")),
			set("destination_type", "cloudwatch-logs"),
			set("log_format", "json"),
			set("log_type", "engine-log")),
	)
	return append(out, terraform.Resource("aws_elasticache_replication_group", label, body...).
		For("data.at-rest", "data.classes", "mesh.store-tls").For(cardControls(p, s)...).From(from(s)))
}

// What a user of a cache may do: everything with the data, or read it; nothing
// that touches the server or all keys at once (ACL categories of Redis).
const (
	cacheWrites = "on ~* -@all +@read +@write +@connection +@transaction +@scripting -@dangerous"
	cacheReads  = "on ~* -@all +@read +@connection -@dangerous"
	cacheNobody = "off ~* -@all"
)

// cacheUsers are the services' users, and the default one, which every group has
// to have and which is switched off. With IAM a user's name has to be its id
// (ElastiCache User Guide, "Authenticating with IAM").
func cacheUsers(p *platform.Platform, s *platform.Store) (out []render.Resource, ids terraform.List) {
	set, nest := terraform.Set, terraform.Nest
	add := func(label, id, name, access, mode string, paths ...string) {
		b := terraform.Resource("aws_elasticache_user", label,
			set("engine", "redis"),
			set("user_id", id),
			set("user_name", name),
			set("access_string", access),
			nest("authentication_mode", set("type", mode)),
		).For("identity.least-privilege").From(paths...)
		if name == "default" {
			b.Note("whoever names no user is this one, which may do nothing")
		}
		out = append(out, b)
		ids = append(ids, b.Attr("user_id"))
	}
	label := render.Label(s.Name)
	add(label+"_default", render.Short(40, p, s.Name, "default"), "default", cacheNobody, "no-password-required", from(s))
	for _, u := range p.Users(s.Name) {
		access := cacheReads
		if u.Use.Access == "write" {
			access = cacheWrites
		}
		id := render.StoreUser(p, s.Name, u.By.Name)
		add(label+"_"+render.Label(u.By.Name), id, id, access, "iam", "services."+u.By.Name+".stores."+s.Name)
	}
	return out, ids
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
