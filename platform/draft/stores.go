package draft

import (
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/reach"
	"fathom/estate"
	"fathom/platform"
)

// store is where data stays.
type store struct {
	name   string
	engine platform.Engine
	of     estate.Resource
	more   []estate.Resource // the instances of a cluster
	called estate.Str        // its identifier
	// hosts are the names of DNS records that lead to it.
	hosts         []string
	version, size string
	holds         []string
	isolate       bool
	cards         bool // it holds card numbers
	moved         bool // it stands apart in the draft, and not today
	topics        map[string]bool
	place         reach.Place
	at            diag.Pos
}

// findStores finds the databases, caches, streams and buckets.
func (d *drafter) findStores() {
	d.databases()
	d.caches()
	for _, r := range estate.All[*estate.Stream](d.e) {
		s := d.store(platform.Kafka, r, r.ClusterName)
		if b := r.Brokers.One(); b != nil {
			s.size, _ = b.Type.Known()
		}
		s.version, _ = r.Version.Known()
	}
	logs := d.logBuckets()
	for _, r := range estate.All[*estate.Bucket](d.e) {
		if why := logs[r.ID]; why != "" {
			d.note(r.Pos, "", "%s is not in the draft: %s", r.ID, why)
			continue
		}
		d.store(platform.S3, r, r.BucketName)
	}
	d.left()
	d.nameStores()
}

func (d *drafter) store(engine platform.Engine, r estate.Resource, called estate.Str) *store {
	s := &store{engine: engine, of: r, called: called, at: r.Meta().Pos, topics: map[string]bool{}}
	d.stores = append(d.stores, s)
	return s
}

func (d *drafter) databases() {
	engineOf := func(v estate.Str, at diag.Pos, id estate.ID) (platform.Engine, bool) {
		text, known := v.Known()
		switch {
		case strings.Contains(text, "postgres"):
			return platform.Postgres, true
		case strings.Contains(text, "mysql"), strings.Contains(text, "maria"), text == "aurora":
			return platform.MySQL, true
		case !known:
			d.note(at, "write the engine in the draft", "the engine of %s is not known; the draft says postgres", id)
			return platform.Postgres, true
		}
		d.note(at, "", "%s is not in the draft: a declaration has no engine %s", id, text)
		return "", false
	}
	for _, r := range estate.All[*estate.DBCluster](d.e) {
		if !r.ReplicaOf.Absent() {
			continue
		}
		if engine, ok := engineOf(r.Engine, r.Pos, r.ID); ok {
			s := d.store(engine, r, r.Identifier)
			s.version, _ = r.EngineVersion.Known()
			s.size, _ = r.Class.Known()
			for _, i := range estate.Of[*estate.DBClusterInstance](d.e, r.ID) {
				s.more = append(s.more, i)
				if class, ok := i.Class.Known(); ok {
					s.size = class
				}
			}
		}
	}
	for _, r := range estate.All[*estate.DBInstance](d.e) {
		if !r.ReplicaOf.Absent() {
			continue
		}
		if engine, ok := engineOf(r.Engine, r.Pos, r.ID); ok {
			s := d.store(engine, r, r.Identifier)
			s.version, _ = r.EngineVersion.Known()
			s.size, _ = r.Class.Known()
		}
	}
}

func (d *drafter) caches() {
	add := func(r estate.Resource, engine, id, version, size estate.Str) {
		if engine.Is("memcached") == estate.Yes {
			d.note(r.Meta().Pos, "", "%s is not in the draft: a declaration has no engine memcached", r.Meta().ID)
			return
		}
		s := d.store(platform.Redis, r, id)
		s.version, _ = version.Known()
		s.size, _ = size.Known()
	}
	for _, r := range estate.All[*estate.CacheGroup](d.e) {
		add(r, r.Engine, r.GroupID, r.Version, r.NodeType)
	}
	for _, r := range estate.All[*estate.CacheCluster](d.e) {
		if r.Group.Absent() {
			add(r, r.Engine, r.ClusterID, r.Version, r.NodeType)
		}
	}
}

// logWord is what names of buckets for logs and states have in them.
var logWord = regexp.MustCompile(`(^|[._-])(logs?|logging|access-?logs?|cloudtrail|trail|audit|tfstate|terraform|state|config)([._-]|$)`)

// logBuckets are the buckets that hold logs, states and copies, each with why.
func (d *drafter) logBuckets() map[estate.ID]string {
	out := map[estate.ID]string{}
	say := func(why string, ids ...estate.ID) {
		for _, id := range ids {
			out[id] = why
		}
	}
	const logs = "it holds logs"
	for _, r := range d.e.Resources {
		switch x := r.(type) {
		case *estate.BucketLogging:
			say(logs, x.Target.To...)
		case *estate.Trail:
			say(logs, x.Bucket.To...)
		case *estate.LoadBalancer:
			for i := range x.AccessLogs.Items {
				say(logs, x.AccessLogs.Items[i].Bucket.To...)
			}
		case *estate.FlowLog:
			say(logs, x.Destination.To...)
		case *estate.WebACLLogging:
			say(logs, x.Destinations.To()...)
		case *estate.BucketReplication:
			for i := range x.Rules.Items {
				if to := x.Rules.Items[i].Destination.One(); to != nil {
					say("it holds copies of another bucket", to.Bucket.To...)
				}
			}
		}
	}
	for _, b := range estate.All[*estate.Bucket](d.e) {
		for i := range b.Logging.Items {
			say(logs, b.Logging.Items[i].Bucket.To...)
		}
		if out[b.ID] == "" && logWord.MatchString(holes.ReplaceAllString(strings.ToLower(b.BucketName.String()), "")) {
			say("its name says that it holds logs or states", b.ID)
		}
	}
	return out
}

// left notes what keeps data and has no place in a declaration.
func (d *drafter) left() {
	say := func(r estate.Resource, what string) {
		d.note(r.Meta().Pos, "", "%s is not in the draft: a declaration has no %s", r.Meta().ID, what)
	}
	for _, r := range d.e.Resources {
		switch r.(type) {
		case *estate.Table:
			say(r, "DynamoDB table")
		case *estate.FileSystem:
			say(r, "file system")
		case *estate.Search:
			say(r, "search domain")
		case *estate.Redshift:
			say(r, "warehouse")
		case *estate.Queue:
			say(r, "queue")
		}
	}
}

// nameStores calls each store as people do: by the record or the label that is
// its own, without what all names begin and end with.
func (d *drafter) nameStores() {
	places := map[estate.ID]reach.Place{}
	for _, p := range reach.Of(d.e).Places() {
		if p.Of != nil {
			places[p.Of.Meta().ID] = p
		}
	}
	taken := namer{}
	for _, s := range []string{"backup", "backup-copy", "cluster", "logs", "secrets", "stores", "volumes", // keys of the platform's own
		"access-logs", "access-logs-standby", "exports", "findings", "terraform-state", "waf-logs"} { // and buckets
		taken[s] = true
	}
	for _, s := range d.services { // a store that is called like a service is its database
		taken[s.name] = true
	}
	for _, s := range d.stores {
		s.place = places[s.of.Meta().ID]
		s.findHosts(d.e)
		raw := s.place.Name
		if raw == "" || strings.ContainsAny(raw, "[") {
			raw = s.called.String()
		}
		name := clean(bare(raw, d.name, d.account, d.region), longestName)
		if name == "" || taken[name] {
			name += "-" + map[platform.Engine]string{platform.Postgres: "db", platform.MySQL: "db", platform.Redis: "cache", platform.Kafka: "events", platform.S3: "files"}[s.engine]
		}
		if s.engine == platform.S3 { // the platform's name and the account stand in a bucket's name too
			name = clean(name, min(longestName, 63-len(d.name)-len("--111111111111")))
		}
		s.name = taken.give(name, string(s.engine))
		s.likelyHosts(d.e)
	}
	slices.SortStableFunc(d.stores, func(a, b *store) int { return strings.Compare(a.name, b.name) })
}

// expression matches what a record's value is made from.
var expression = regexp.MustCompile(`\$\{(.+?)\.[a-z_]+(\[[0-9]+\])?(\.[a-z_]+)?\}`)

// findHosts finds the DNS records that lead to the store.
func (s *store) findHosts(e *estate.Estate) {
	root := s.of.Meta().ID.Root
	for _, r := range estate.All[*estate.DNSRecord](e) {
		name, ok := r.Record.Known()
		if !ok {
			continue
		}
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		for i := range r.Alias.Items {
			if r.Alias.Items[i].Name.Is(s.of.Meta().ID) {
				s.hosts = append(s.hosts, name)
			}
		}
		for _, v := range r.Values.Items {
			text := v.String()
			for _, of := range append([]estate.Resource{s.of}, s.more...) {
				if r.ID.Root == root && strings.Contains(text, "${"+of.Meta().ID.Addr+".") || s.endpoint(text) {
					s.hosts = append(s.hosts, name)
				}
			}
			if m := expression.FindStringSubmatch(text); m != nil && r.ID.Root == root && m[1] == s.of.Meta().ID.Addr {
				s.hosts = append(s.hosts, name)
			}
		}
	}
}

// likelyHosts adds records of an internal zone that are called like the store and
// whose values are not known.
func (s *store) likelyHosts(e *estate.Estate) {
	for _, r := range estate.All[*estate.DNSRecord](e) {
		name, ok := r.Record.Known()
		label, _, _ := strings.Cut(strings.ToLower(name), ".")
		if !ok || label != s.name || r.ID.Root != s.of.Meta().ID.Root || !r.Values.Unknown() {
			continue
		}
		for _, z := range estate.To(e, r.Zone) {
			if z.VPCs.Any() == estate.Yes {
				s.hosts = append(s.hosts, strings.ToLower(strings.TrimSuffix(name, ".")))
			}
		}
	}
}

// endpoint says whether a host is one that AWS gives the store: its identifier
// is a part of it.
func (s *store) endpoint(host string) bool {
	id, ok := s.called.Known()
	host = strings.TrimSuffix(host, ".")
	return ok && id != "" && strings.HasSuffix(host, ".amazonaws.com") &&
		slices.Contains(strings.Split(host, ".")[:max(0, min(3, strings.Count(host, ".")))], strings.ToLower(id))
}

// is says whether a variable's value names the store: its host, or a bucket's name.
func (s *store) is(value string, at []address) bool {
	if s.engine == platform.S3 {
		name := s.called.String()
		if s.called.Absent() || !s.called.Unknown() && name == "" {
			return false
		}
		literal := holes.Split(name, -1)
		for i := range literal {
			literal[i] = regexp.QuoteMeta(literal[i])
		}
		if strings.Join(literal, "") == "" {
			return false
		}
		re, err := regexp.Compile(`^(s3://|https://)?` + strings.Join(literal, `[a-z0-9-]+`) + `(/.*|\.s3[.-].*)?$`)
		return err == nil && re.MatchString(value)
	}
	return slices.ContainsFunc(at, func(a address) bool { return slices.Contains(s.hosts, a.host) || s.endpoint(a.host) })
}
