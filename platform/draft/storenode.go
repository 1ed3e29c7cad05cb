package draft

import (
	"fmt"
	"slices"
	"strings"

	"fathom/estate"
	"fathom/platform"
)

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
