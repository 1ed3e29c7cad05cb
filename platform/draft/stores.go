package draft

import (
	"cmp"
	"fmt"
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
	for _, s := range []string{"backup", "backup-copy", "cluster", "logs", "secrets", "stores", "volumes"} { // keys of the platform's own
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

func (d *drafter) storesNode() *node {
	n := object()
	n.block = true
	for _, s := range d.stores {
		n.set(s.name, d.storeNode(s))
	}
	for _, s := range d.unused {
		n.below = append(n.below, fmt.Sprintf("%s: {engine: %s, owner: …}  nobody is known to use it; write it here, and below stores: of the service that does", s.name, s.engine))
		d.note(s.at, "write it in, and who uses it", "%s is not in the draft: nobody is known to use it", s.of.Meta().ID)
	}
	return n
}

func (d *drafter) storeNode(s *store) *node {
	n := object()
	n.loose = true
	n.at = s.at
	n.set("engine", str(string(s.engine)))
	tags := map[string]string{}
	for k, v := range s.of.Meta().Tags.Items {
		tags[k], _ = v.Known()
	}
	n.set("owner", d.owner(s.at, tags, d.ownersOf(s)))
	families := map[platform.Engine]string{platform.Postgres: "db.", platform.MySQL: "db.", platform.Redis: "cache.", platform.Kafka: "kafka."}
	if s.engine != platform.S3 {
		if v := versionForm.FindString(s.version); v != "" {
			n.set("version", str(v))
		}
		if strings.HasPrefix(s.size, families[s.engine]) && instanceForm.MatchString(s.size) && s.size != "db.serverless" {
			n.set("size", str(s.size))
		}
	}
	holds := texts(s.holds)
	if len(s.holds) == 0 {
		holds.bare = true
		holds.guess(s.at, "no tag says what is in it", "name the kinds of data, and declare them above")
	}
	n.set("holds", holds)
	if own := d.ownKey(s); own || s.cards {
		key := str("own")
		if !own {
			key.says(s.at, "today it has no key that is its own, and card numbers need one", "")
		}
		n.set("key", key)
	}
	if s.isolate {
		apart := yes()
		if s.moved {
			apart.says(s.at, "today it stands among the others, and card numbers may not", "")
		}
		n.set("isolate", apart)
	}
	n.set("lock", d.lock(s))
	n.set("keep", d.keep(s, n.get("lock")))
	n.set("backup", d.backup(s))
	if s.engine == platform.Kafka {
		topics := object()
		for _, t := range sortedKeys(s.topics) {
			topics.set(t, object().set("keep", str("7d")))
		}
		n.set("topics", topics)
	}
	return n
}

// ownersOf is the team of the only service that uses the store.
func (d *drafter) ownersOf(s *store) map[string]string {
	var users []*service
	for _, v := range d.services {
		if v.uses[s] != nil {
			users = append(users, v)
		}
	}
	if len(users) != 1 {
		return nil
	}
	for _, m := range []map[string]string{users[0].w.Annotations, users[0].w.Labels} {
		for _, k := range ownerKeys {
			if teamForm.MatchString(m[k]) {
				return map[string]string{"owner": m[k]}
			}
		}
	}
	return nil
}

// keysOf are the keys that seal a store.
func (d *drafter) keysOf(r estate.Resource) []estate.ID {
	switch x := r.(type) {
	case *estate.DBCluster:
		return x.Key.To
	case *estate.DBInstance:
		return x.Key.To
	case *estate.CacheGroup:
		return x.Key.To
	case *estate.Stream:
		if enc := x.Encryption.One(); enc != nil {
			return enc.Key.To
		}
	case *estate.Bucket:
		rules := slices.Clone(x.Encryption.Items)
		for _, b := range estate.Of[*estate.BucketEncryption](d.e, x.ID) {
			if b.Bucket.Is(x.ID) {
				rules = append(rules, estate.BucketSSE{Rules: b.Rules})
			}
		}
		for i := range rules {
			if one := rules[i].Rules.One(); one != nil {
				if by := one.Default.One(); by != nil {
					return by.Key.To
				}
			}
		}
	}
	return nil
}

// ownKey says whether a key seals this store and nothing else that keeps data.
func (d *drafter) ownKey(s *store) bool {
	keys := d.keysOf(s.of)
	if len(keys) != 1 || !d.onlyKey(s, keys[0]) {
		return false
	}
	for _, r := range estate.Of[estate.Resource](d.e, keys[0]) {
		switch r.(type) {
		case *estate.Repository, *estate.Secret, *estate.Trail, *estate.LogGroup, *estate.Topic, *estate.Queue, *estate.Table,
			*estate.FileSystem, *estate.Volume, *estate.EBSDefaultKey, *estate.Lambda, *estate.Search, *estate.Redshift:
			return false
		}
	}
	return true
}

// sealedBy is the one store that has a key of its own, which is that key.
func (d *drafter) sealedBy(key estate.ID) *store {
	i := slices.IndexFunc(d.stores, func(s *store) bool { return slices.Contains(d.keysOf(s.of), key) && d.onlyKey(s, key) })
	if i < 0 {
		return nil
	}
	return d.stores[i]
}

func (d *drafter) onlyKey(s *store, key estate.ID) bool {
	return !slices.ContainsFunc(d.stores, func(o *store) bool { return o != s && slices.Contains(d.keysOf(o.of), key) })
}

// lock is the Object Lock of a bucket.
func (d *drafter) lock(s *store) *node {
	b, ok := s.of.(*estate.Bucket)
	if !ok {
		return nil
	}
	var rules []estate.LockRule
	for i := range b.Lock.Items {
		rules = append(rules, b.Lock.Items[i].Rules.Items...)
	}
	for _, l := range estate.Of[*estate.BucketLock](d.e, b.ID) {
		rules = append(rules, l.Rules.Items...)
	}
	for i := range rules {
		r := rules[i].Retention.One()
		if r == nil {
			continue
		}
		mode, _ := r.Mode.Known()
		n, _ := r.Days.Known()
		y, _ := r.Years.Known()
		if mode = strings.ToLower(mode); (mode == "compliance" || mode == "governance") && n+365*y > 0 {
			return object().set("mode", str(mode)).set("keep", str(days(min(n+365*y, 30*365)))).maybe()
		}
	}
	return nil
}

// keep is how long objects of a bucket are kept, where it is not as long as they
// are locked.
func (d *drafter) keep(s *store, lock *node) *node {
	b, ok := s.of.(*estate.Bucket)
	if !ok {
		return nil
	}
	rules := slices.Clone(b.Lifecycle.Items)
	for _, l := range estate.Of[*estate.BucketLifecycle](d.e, b.ID) {
		rules = append(rules, l.Rules.Items...)
	}
	for i := range rules {
		x := rules[i].Expiration.One()
		prefix, _ := rules[i].Filter.At("prefix").Literal()
		if x == nil || !rules[i].Prefix.Absent() || prefix != "" || rules[i].Status.Is("Disabled") == estate.Yes {
			continue
		}
		n, _ := x.Days.Known()
		if n < 1 || lock != nil && lock.get("keep").text == days(n) {
			continue
		}
		return str(days(min(n, 30*365))).maybe()
	}
	return nil
}

var cronEvery = regexp.MustCompile(`^cron\(\S+ (\*|(?:0|\*)/([0-9]+)|[0-9]+) `)

// backup is what a plan of AWS Backup does with a store, or its own backups.
func (d *drafter) backup(s *store) *node {
	if s.engine == platform.Redis || s.engine == platform.Kafka {
		return nil
	}
	every, keep, locked := 0, 0, 0
	for _, sel := range estate.Of[*estate.BackupSelection](d.e, s.of.Meta().ID) {
		for _, plan := range estate.To(d.e, sel.Plan) {
			for i := range plan.Rules.Items {
				r := &plan.Rules.Items[i]
				text, _ := r.Schedule.Known()
				if h := hoursOf(text); h > 0 && (every == 0 || h < every) {
					every = h
				}
				if l := r.Lifecycle.One(); l != nil {
					n, _ := l.Days.Known()
					keep = max(keep, n)
				}
				for _, v := range estate.To(d.e, r.Vault) {
					for _, lock := range estate.Of[*estate.BackupVaultLock](d.e, v.ID) {
						n, _ := lock.MinDays.Known()
						locked = max(locked, n)
					}
				}
			}
		}
	}
	own := 0
	switch x := s.of.(type) {
	case *estate.DBCluster:
		own, _ = x.BackupDays.Default(1).Known()
	case *estate.DBInstance:
		own, _ = x.BackupDays.Default(0).Known()
	}
	if s.engine == platform.S3 && every == 0 {
		return nil // a bucket need not be backed up, and this one is not
	}
	n := object()
	if every > 0 && keep > 0 && locked > 0 {
		return n.set("every", hours(every)).set("keep", str(days(min(keep, 3650)))).set("immutable", str(days(min(locked, keep, 3650))))
	}
	keep = max(keep, own)
	n.set("every", hours(cmp.Or(every, 24)))
	if keep < 7 {
		n.set("keep", str("35d"))
		return n.set("immutable", str("14d")).says(s.at, fmt.Sprintf("today backups are kept for %s, and nothing locks them", plural(keep, "day")), "write how long they are to be kept")
	}
	n.set("keep", str(days(keep)))
	return n.set("immutable", str(days(min(14, keep)))).guess(s.at, "nothing locks the backups", "write for how long nobody may delete one")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func hours(n int) *node {
	if n == 24 {
		return str("1d")
	}
	return str(fmt.Sprintf("%dh", n))
}

// hoursOf is how many hours lie between two runs of a schedule; 0 where that is
// not known or is no divisor of a day.
func hoursOf(schedule string) int {
	m := cronEvery.FindStringSubmatch(schedule)
	switch {
	case m == nil:
		return 0
	case m[1] == "*":
		return 1
	case m[2] == "":
		return 24
	}
	n := 0
	_, _ = fmt.Sscan(m[2], &n)
	if n < 1 || 24%n != 0 {
		return 0
	}
	return n
}
