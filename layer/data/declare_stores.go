package data

import (
	"slices"
	"time"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// stored are all stores, each with what belongs to it, after what they share.
func stored(p *platform.Platform) []render.Resource {
	out := []render.Resource{
		terraform.Resource("aws_s3_account_public_access_block", "main",
			terraform.Set("block_public_acls", true), terraform.Set("block_public_policy", true),
			terraform.Set("ignore_public_acls", true), terraform.Set("restrict_public_buckets", true),
		).For("data.s3-private").Note("for every bucket of the account, also those that others make"),
	}
	out = append(out, subnetGroups(p)...)
	for i := range p.Stores {
		s := &p.Stores[i]
		switch s.Engine {
		case platform.Postgres, platform.MySQL:
			out = append(out, relational(p, s)...)
		case platform.Redis:
			out = append(out, cache(p, s)...)
		case platform.Kafka:
			out = append(out, stream(p, s)...)
		case platform.S3:
			out = append(out, bucket(p, s)...)
		}
	}
	return out
}

// tier is where a store stands.
func tier(s *platform.Store) render.Tier {
	if s.Isolate {
		return render.Vault
	}
	return render.Database
}

// subnetGroups are the groups of subnets that databases and caches are placed in:
// one for those that stand apart, and one for the rest.
func subnetGroups(p *platform.Platform) []render.Resource {
	var out []render.Resource
	for _, g := range []struct {
		kind    string
		engines []platform.Engine
	}{
		{"aws_db_subnet_group", []platform.Engine{platform.Postgres, platform.MySQL}},
		{"aws_elasticache_subnet_group", []platform.Engine{platform.Redis}},
	} {
		for _, t := range []render.Tier{render.Database, render.Vault} {
			if !slices.ContainsFunc(p.Stores, func(s platform.Store) bool { return tier(&s) == t && slices.Contains(g.engines, s.Engine) }) {
				continue
			}
			out = append(out, terraform.Resource(g.kind, string(t),
				terraform.Set("name", render.Name(p, string(t))),
				terraform.Set("subnet_ids", render.SubnetIDs(t)),
			).From("network"))
		}
	}
	return out
}

// from are the paths of the declaration that a store derives from.
func from(s *platform.Store) string { return "stores." + s.Name }

// days are whole days, rounded up.
func days(d time.Duration) int {
	const day = 24 * time.Hour
	return int((d + day - 1) / day)
}

// holdsCards says whether a store holds card numbers, which may be in no log
// (PCI DSS 3.3.1, 3.5.1).
func holdsCards(p *platform.Platform, s *platform.Store) bool {
	return p.ClassOf(s.Holds) == platform.Cardholder
}

// cardControls are the controls that a card vault is part of besides those of all
// stores: its tags say that card numbers are in it, and nowhere else.
func cardControls(p *platform.Platform, s *platform.Store) []string {
	if holdsCards(p, s) {
		return []string{"data.card-tokens"}
	}
	return nil
}

// tagScope marks a store that holds no cards and belongs to those who handle them.
const tagScope = "scope"

// storeTags are render.StoreTags, and for a card vault whose it is: the real
// values of what a service tokenises lie in a store that it alone uses. A store
// that stands apart with the vaults, and that only services use which handle
// cards, is in the same scope of PCI DSS.
func storeTags(p *platform.Platform, s *platform.Store) terraform.Object {
	tags := render.StoreTags(p, s)
	users := p.Users(s.Name)
	if holdsCards(p, s) && len(users) == 1 && tokenises(p, s, users[0].By.Name) {
		tags = append(tags, terraform.Field{Key: tagVault, Value: users[0].By.Name})
	}
	if s.Isolate && !holdsCards(p, s) && len(users) > 0 && !slices.ContainsFunc(users, func(u platform.User) bool {
		return p.ClassOf(u.By.Handles) != platform.Cardholder
	}) {
		tags = append(tags, terraform.Field{Key: tagScope, Value: string(platform.Cardholder)})
	}
	return tags
}

// tokenises says whether a service tokenises all card data that a store holds.
func tokenises(p *platform.Platform, s *platform.Store, service string) bool {
	return !slices.ContainsFunc(s.Holds, func(name string) bool {
		d := p.Datum(name)
		return d != nil && d.Class == platform.Cardholder && d.Tokenise != service
	})
}
