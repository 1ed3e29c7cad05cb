package platform

import (
	"fmt"
	"slices"
	"strings"

	"fathom/diag"
)

// keyNames are keys and buckets of the platform itself, which a store's would
// fall together with.
var keyNames = []string{"backup", "backup-copy", "cluster", "logs", "secrets", "stores", "volumes"}

// bucketNames are buckets of the platform itself, Terraform's state among them.
var bucketNames = []string{"access-logs", "access-logs-standby", "exports", "findings", "terraform-state", "waf-logs"}

// longestBucket is the length of a bucket's name (S3 User Guide, "Bucket naming
// rules").
const longestBucket = 63

// stores checks each store for itself, and how services use it.
func (c *checker) stores() {
	for i := range c.Stores {
		s := &c.Stores[i]
		at := func(keys ...string) diag.Pos { return c.At(append([]string{"stores", s.Name}, keys...)...) }
		if slices.Contains(keyNames, s.Name) {
			c.add(at(), "give it another name", "store %q has the name of one of the platform's own keys", s.Name)
		}
		if s.IsBucket() && slices.Contains(bucketNames, s.Name) {
			c.add(at(), "give it another name", "bucket %q has the name of one of the platform's own", s.Name)
		}
		if n := len(c.Name) + len(s.Name) + len("--111111111111"); s.IsBucket() && n > longestBucket {
			c.add(at(), fmt.Sprintf("shorten its name by %d", n-longestBucket), "the name of bucket %q is too long: with the platform's name and the account it has %d characters, and S3 allows %d", s.Name, n, longestBucket)
		}
		c.holds(s, at)
		c.kept(s, at)
		c.topics(s, at)
		if c.sound && !c.used[s.Name] {
			c.add(at(), "add it to stores of the service that uses it, or take it away", "no service uses store %q", s.Name)
		}
	}
	for i := range c.Services {
		s := &c.Services[i]
		for _, u := range s.Stores {
			c.use(s, u)
		}
	}
}

// holds checks what is in a store, and what card data asks of it.
func (c *checker) holds(s *Store, at func(...string) diag.Pos) {
	for _, name := range s.Holds {
		if !c.known("kind of data", name, c.dataNames, at("holds", name)) || c.Datum(name).Class != Cardholder {
			continue
		}
		var lacks []string
		if s.Key != "own" {
			lacks = append(lacks, "key: own")
		}
		if !s.Isolate {
			lacks = append(lacks, "isolate: true")
		}
		if len(lacks) > 0 && !c.spoilt("stores", s.Name) {
			c.add(at("holds", name), "add "+and(lacks), "store %q holds cardholder data (%q), and is not isolated with a key of its own", s.Name, name)
		}
	}
}

// kept checks what only some engines have, and how copies are kept.
func (c *checker) kept(s *Store, at func(...string) diag.Pos) {
	n := c.tree.get("stores", s.Name)
	only := func(key, what string, engines ...Engine) {
		if n.get(key).written() && s.Engine != "" && !slices.Contains(engines, s.Engine) {
			c.add(at(key), "take it away", "store %q is %s, and only %s", s.Name, called[s.Engine], what)
		}
	}
	only("lock", "a bucket has a lock", S3)
	only("keep", "a bucket keeps objects for a time", S3)
	only("topics", "a stream has topics", Kafka)
	only("backup", "databases and buckets are backed up", Postgres, MySQL, S3)
	only("size", "stores on instances have a size", Postgres, MySQL, Redis, Kafka)
	only("version", "stores on instances have a version", Postgres, MySQL, Redis, Kafka)
	b := n.get("backup")
	switch {
	case (s.Engine == Postgres || s.Engine == MySQL) && !b.written():
		c.add(at(), "add backup: {every: 1h, keep: 35d, immutable: 14d}", "database %q has no backup", s.Name)
	case b.bad || !b.written():
	case s.Backup.Every > 0 && (s.Backup.Every%hour != 0 || day%s.Backup.Every != 0):
		c.add(at("backup", "every"), "write 1h, 2h, 3h, 4h, 6h, 8h, 12h or 1d", "backups cannot be made every %s at the same times of each day", short(s.Backup.Every))
	case s.Backup.Immutable > s.Backup.Keep && s.Backup.Keep > 0:
		c.add(at("backup", "immutable"), "make keep at least as long", "a backup of %q is deleted after %s and may not be deleted for %s", s.Name, short(s.Backup.Keep), short(s.Backup.Immutable))
	}
	if s.Lock.Keep > s.Keep && s.Keep > 0 {
		c.add(at("lock", "keep"), "make keep at least as long", "objects of %q are deleted after %s and locked for %s", s.Name, short(s.Keep), short(s.Lock.Keep))
	}
	if family := families[s.Engine]; s.Size != "" && family != "" && !n.get("size").bad && !strings.HasPrefix(s.Size, family) {
		c.add(at("size"), fmt.Sprintf("write one that begins with %q", family), "%q is no type of instance for %s", s.Size, s.Engine)
	}
}

// called is what a store of an engine is, in a problem.
var called = map[Engine]string{Postgres: "a database", MySQL: "a database", Redis: "a cache", Kafka: "a stream", S3: "a bucket"}

// families are how the instance types of engines begin.
var families = map[Engine]string{Postgres: "db.", MySQL: "db.", Redis: "cache.", Kafka: "kafka."}

// topics checks that a stream has some, and that each is used.
func (c *checker) topics(s *Store, at func(...string) diag.Pos) {
	if s.Engine != Kafka {
		return
	}
	if len(s.Topics) == 0 && !c.tree.get("stores", s.Name, "topics").bad {
		c.add(at(), "add topics: {NAME: {keep: 7d}}", "stream %q has no topics", s.Name)
	}
	for _, t := range s.Topics {
		if c.sound && !slices.ContainsFunc(c.Users(s.Name), func(u User) bool {
			return slices.Contains(u.Use.Produce, t.Name) || slices.Contains(u.Use.Consume, t.Name)
		}) {
			c.add(at("topics", t.Name), "take it away, or add it to what a service produces or consumes", "no service produces or consumes topic %q of %q", t.Name, s.Name)
		}
	}
}

// use checks how a service uses a store.
func (c *checker) use(s *Service, u Use) {
	at := c.At("services", s.Name, "stores", u.Store)
	if !c.known("store", u.Store, c.storeNames, at) {
		return
	}
	st := c.Store(u.Store)
	n := c.tree.get("services", s.Name, "stores", u.Store)
	switch {
	case n.bad || st.Engine == "":
	case st.Engine == Kafka && n.kind == scalar:
		c.add(at, "write {produce: [TOPIC]} or {consume: [TOPIC]}", "store %q is a stream: a service produces or consumes topics of it", u.Store)
	case st.Engine != Kafka && n.kind == mapping:
		c.add(at, "write read or write", "store %q is %s, and only a stream has topics", u.Store, called[st.Engine])
	case n.kind == mapping && len(u.Produce)+len(u.Consume) == 0:
		c.add(at, "write {produce: [TOPIC]} or {consume: [TOPIC]}, or take it away", "service %q neither produces nor consumes anything of %q", s.Name, u.Store)
	default:
		var names []string
		for _, t := range st.Topics {
			names = append(names, t.Name)
		}
		for _, t := range u.Produce {
			c.known("topic", t, names, c.At("services", s.Name, "stores", u.Store, "produce", t))
		}
		for _, t := range u.Consume {
			c.known("topic", t, names, c.At("services", s.Name, "stores", u.Store, "consume", t))
		}
	}
}
