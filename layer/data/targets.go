package data

import (
	"strings"

	"fathom/engine/iam"
	"fathom/estate"
	"fathom/layer/ground"
)

// target is a store as thieves see it.
type target struct {
	*ground.Store
	on estate.Resource
	// arn is its ARN, region and account those in it, or where they are not.
	arn, region, account string
	// of is the store as the layer's checks know it; nil for a queue.
	of *store
	// key is the customer's key that its contents are sealed under at rest, nil
	// where there is none or none that the files show.
	key *estate.KMSKey
	// api says that it is used through AWS's API and by nothing else: it has no
	// address in the network.
	api bool
}

func (m *moves) target(s *ground.Store) *target {
	k := &target{Store: s, on: s.Place.Of}
	k.arn, _, _ = m.g.IAM.Resource(k.on.Meta().ID.Addr)
	if parts := strings.SplitN(k.arn, ":", 6); len(parts) == 6 {
		k.region, k.account = parts[3], parts[4]
	}
	if k.account == "" {
		k.account, _ = m.g.IAM.Account()
	}
	if k.region == "" {
		k.region, _ = regionOf(m.e, k.on).Known()
	}
	if o, ok := m.known[k.on.Meta().ID]; ok {
		k.of = &o
	}
	switch k.on.(type) {
	case *estate.Bucket, *estate.Table, *estate.Queue:
		k.api = true
	}
	if keys := estate.To(m.e, keyOf(m.e, k.on)); len(keys) > 0 {
		k.key = keys[0]
	}
	return k
}

// keyOf is the key that a store names; of a bucket that of its first rule.
func keyOf(e *estate.Estate, r estate.Resource) estate.Ref[*estate.KMSKey] {
	none := estate.Ref[*estate.KMSKey]{}
	switch r := r.(type) {
	case *estate.DBCluster:
		return r.Key
	case *estate.DBInstance:
		return r.Key
	case *estate.CacheGroup:
		return r.Key
	case *estate.Stream:
		for _, x := range r.Encryption.Items {
			return x.Key
		}
	case *estate.Table:
		for _, x := range r.SSE.Items {
			return x.Key
		}
	case *estate.Queue:
		return r.Key
	case *estate.FileSystem:
		return r.Key
	case *estate.Search:
		for _, x := range r.AtRest.Items {
			return x.Key
		}
	case *estate.Redshift:
		return r.Key
	case *estate.Bucket:
		for _, d := range sseOf(e, r) {
			if d.Algorithm.Is("AES256") != estate.Yes {
				return d.Key
			}
		}
	}
	return none
}

// sseOf is a bucket's default encryption.
func sseOf(e *estate.Estate, b *estate.Bucket) []estate.SSEDefault {
	var out []estate.SSEDefault
	take := func(rules estate.Blocks[estate.SSERule]) {
		for _, r := range rules.Items {
			out = append(out, r.Default.Items...)
		}
	}
	for _, c := range estate.Of[*estate.BucketEncryption](e, b.ID) {
		take(c.Rules)
	}
	for _, c := range b.Encryption.Items {
		take(c.Rules)
	}
	return out
}

// arnOfKey is the ARN of a key.
func (m *moves) arnOfKey(k *estate.KMSKey) string {
	arn, _, _ := m.g.IAM.Resource(k.ID.Addr)
	return arn
}

// through is the context of a request that an AWS service makes for the caller.
func (k *target) through(service string) iam.Context {
	out := iam.Context{"kms:calleraccount": iam.One(k.account)}
	if k.region != "" {
		out["kms:viaservice"] = iam.One(service + "." + k.region + ".amazonaws.com")
	}
	return out
}

// opening is what a reader has to ask of the key, in the name of an AWS service:
// nothing where there is no key of the customer's.
func (m *moves) opening(k *target, service, action string) []request {
	if k.key == nil {
		return nil
	}
	with := k.through(service)
	switch service {
	case "s3":
		with["kms:encryptioncontext:aws:s3:arn"] = iam.One(k.arn)
	case "dynamodb":
		name, _, _ := strings.Cut(k.arn[strings.LastIndexByte(k.arn, '/')+1:], "/")
		with["kms:encryptioncontext:aws:dynamodb:tablename"] = iam.One(name)
	case "sqs":
		with["kms:encryptioncontext:aws:sqs:arn"] = iam.One(k.arn)
	case "rds":
		with["kms:grantisforawsresource"] = iam.One("true")
	}
	return []request{{action, m.arnOfKey(k.key), with}}
}
