package identity

import (
	"fmt"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// grants are what a service's role may do: what its stores ask for, and what it
// declares besides. Roles of Pod Identity do it only in sessions that carry the
// service account's tags.
func (d *declaration) grants(s *platform.Service) []render.Statement {
	var out []render.Statement
	for i := range s.Stores {
		if st := d.p.Store(s.Stores[i].Store); st != nil {
			out = append(out, d.use(s, &s.Stores[i], st)...)
		}
	}
	for i := range s.AWS {
		out = append(out, d.permission(s, &s.AWS[i])...)
	}
	if s.SessionTags {
		for i := range out {
			out[i].Condition = append(out[i].Condition,
				render.Condition{Operator: "StringEquals", Key: "aws:PrincipalTag/kubernetes-namespace", Value: s.Namespace},
				render.Condition{Operator: "StringEquals", Key: "aws:PrincipalTag/kubernetes-service-account", Value: s.Name},
			)
		}
	}
	return out
}

// use is what one use of a store asks for. What a service may do inside a
// database is for the database's own grants to say, and in a cache for its
// access string: AWS decides only who may connect, and as whom.
func (d *declaration) use(s *platform.Service, u *platform.Use, st *platform.Store) []render.Statement {
	switch st.Engine {
	case platform.Postgres, platform.MySQL:
		return []render.Statement{{
			Sid:    sid("connect", st.Name),
			Action: []string{"rds-db:connect"},
			Resource: []any{terraform.Template(d.arn("rds-db") + "dbuser:${" + render.StoreAddress(st) +
				".cluster_resource_id}/" + s.Name)},
		}}
	case platform.Redis:
		return []render.Statement{{
			Sid:    sid("connect", st.Name),
			Action: []string{"elasticache:Connect"},
			Resource: []any{
				terraform.Expr(render.StoreAddress(st) + ".arn"),
				d.arn("elasticache") + "user:" + render.StoreUser(d.p, st.Name, s.Name),
			},
		}}
	case platform.Kafka:
		return d.stream(s, u, st)
	case platform.S3:
		return d.bucket(st, u.Access == "write")
	}
	return nil
}

// arn begins an ARN in the platform's region and account.
func (d *declaration) arn(service string) string {
	return "arn:aws:" + service + ":" + d.p.Region + ":" + d.p.Account + ":"
}

// stream follows "Semantics of IAM authorization policy actions and resources"
// in the MSK developer guide. A producer is idempotent, as Kafka's clients are
// unless told otherwise; the consumer group has the service's name.
func (d *declaration) stream(s *platform.Service, u *platform.Use, st *platform.Store) []render.Statement {
	address := render.StoreAddress(st)
	in := func(kind, name string) terraform.Template {
		return terraform.Template(d.arn("kafka") + kind + "/${" + address + ".cluster_name}/${" + address + ".cluster_uuid}/" + name)
	}
	topics := func(names []string) (out []any) {
		for _, n := range names {
			out = append(out, in("topic", n))
		}
		return out
	}
	connect := []string{"kafka-cluster:Connect"}
	if len(u.Produce) > 0 {
		connect = append(connect, "kafka-cluster:WriteDataIdempotently")
	}
	out := []render.Statement{{
		Sid: sid("connect", st.Name), Action: connect, Resource: []any{terraform.Expr(address + ".arn")},
	}}
	if len(u.Produce) > 0 {
		out = append(out, render.Statement{
			Sid:      sid("produce", st.Name),
			Action:   []string{"kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"},
			Resource: topics(u.Produce),
		})
	}
	if len(u.Consume) > 0 {
		out = append(out, render.Statement{
			Sid:      sid("consume", st.Name),
			Action:   []string{"kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"},
			Resource: topics(u.Consume),
		}, render.Statement{
			Sid:      sid("group", st.Name),
			Action:   []string{"kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"},
			Resource: []any{in("group", s.Name)},
		})
	}
	return out
}

// bucket grants on the bucket and on its access point: a request by either is
// evaluated against both ("Configuring IAM policies for using access points",
// S3 user guide). What is locked is not deleted.
func (d *declaration) bucket(st *platform.Store, write bool) []render.Statement {
	objects := []string{"s3:GetObject"}
	if write {
		objects = append(objects, "s3:PutObject", "s3:AbortMultipartUpload")
		if st.Lock.Mode == "" {
			objects = append(objects, "s3:DeleteObject")
		}
	}
	return []render.Statement{
		{Sid: sid("list", st.Name), Action: []string{"s3:ListBucket"}, Resource: d.inBucket(st, "", "")},
		{Sid: sid("objects", st.Name), Action: objects, Resource: d.inBucket(st, "/*", "/object/*")},
		d.bucketKey(st, write),
	}
}

// inBucket names something in a bucket, by the bucket and by its access point.
func (d *declaration) inBucket(st *platform.Store, path, byPoint string) []any {
	bucket := any(terraform.Expr(render.StoreAddress(st) + ".arn"))
	if path != "" {
		bucket = terraform.Template("${"+render.StoreAddress(st)+".arn}") + terraform.Inside(path)
	}
	return []any{bucket, d.arn("s3") + "accesspoint/" + render.Name(d.p, st.Name) + byPoint}
}

// bucketKey lets S3 use a bucket's key on the caller's behalf, and nothing else
// use it. The bucket has a bucket key, whose context is the bucket's ARN
// ("Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys", S3 user guide).
func (d *declaration) bucketKey(st *platform.Store, write bool) render.Statement {
	actions := []string{"kms:Decrypt"}
	if write {
		actions = append(actions, "kms:GenerateDataKey")
	}
	return render.Statement{
		Sid: sid("key", "of", st.Name), Action: actions,
		Resource: []any{render.KeyARN(render.StoreKey(st))},
		Condition: []render.Condition{
			{Operator: "StringEquals", Key: "kms:ViaService", Value: "s3." + d.p.Region + ".amazonaws.com"},
			{Operator: "StringEquals", Key: "kms:EncryptionContext:aws:s3:arn", Value: terraform.Expr(render.StoreAddress(st) + ".arn")},
		},
	}
}

// permission is what a service declares besides its stores.
func (d *declaration) permission(s *platform.Service, perm *platform.Permission) []render.Statement {
	by := map[string][]string{} // by the kind of what the action is on
	var kinds []string
	for _, a := range perm.Actions {
		k := kindOf(a)
		if by[k] == nil {
			kinds = append(kinds, k)
		}
		by[k] = append(by[k], a)
	}
	var out []render.Statement
	for _, k := range kinds {
		st := render.Statement{Action: by[k]}
		switch resource, err := d.resource(s, perm, k); {
		case err != nil:
			d.problems = append(d.problems, err)
			continue
		default:
			st.Resource = resource
		}
		if k == "kms sealed" {
			st.Condition = []render.Condition{{Operator: "StringEquals", Key: "kms:EncryptionContext:service", Value: s.Name}}
		}
		out = append(out, st)
	}
	return append(out, d.impliedKey(s, perm)...)
}

// kindOf is what an action is about: a bucket, an object, a key by way of an
// encryption context, a key itself, or its service.
func kindOf(action string) string {
	service, name, _ := strings.Cut(strings.ToLower(action), ":")
	switch {
	case service == "s3" && strings.Contains(name, "bucket"):
		return "s3 bucket"
	case service == "s3":
		return "s3 object"
	case service == "kms" && (strings.HasPrefix(name, "generatedatakey") || strings.HasPrefix(name, "reencrypt") || name == "encrypt" || name == "decrypt"):
		return "kms sealed"
	}
	return service
}

// resource is what a declared permission is on.
func (d *declaration) resource(s *platform.Service, perm *platform.Permission, kind string) ([]any, error) {
	if perm.On == "" {
		return []any{perm.ARN}, nil
	}
	st := d.p.Store(perm.On)
	switch {
	case st == nil:
		return nil, diag.Problem{Summary: fmt.Sprintf("service %q asks for %q, and there is no store %q", s.Name, perm.Text, perm.On), Fix: "declare the store, or name an ARN"}
	case kind == "s3 object" && perm.Path == "":
		return d.inBucket(st, "/*", "/object/*"), nil
	case kind == "s3 object":
		return d.inBucket(st, "/"+perm.Path, "/object/"+perm.Path), nil
	case kind == "s3 bucket":
		return d.inBucket(st, "", ""), nil
	case perm.Path != "":
		return nil, diag.Problem{
			Summary: fmt.Sprintf("service %q asks for %q, and only objects of a bucket have a path", s.Name, perm.Text),
			Fix:     "leave the path out, or name an ARN",
		}
	case strings.HasPrefix(kind, "kms"):
		return []any{render.KeyARN(render.StoreKey(st))}, nil
	}
	return []any{terraform.Expr(render.StoreAddress(st) + ".arn")}, nil
}

// impliedKey is what a declared permission on objects needs of the bucket's key,
// where the service does not have it by using the bucket.
func (d *declaration) impliedKey(s *platform.Service, perm *platform.Permission) []render.Statement {
	st := d.p.Store(perm.On)
	if st == nil || !st.IsBucket() {
		return nil
	}
	has := func(prefix string) bool {
		return slices.ContainsFunc(perm.Actions, func(a string) bool {
			return kindOf(a) == "s3 object" && strings.HasPrefix(strings.ToLower(a), prefix)
		})
	}
	read, write := has("s3:getobject"), has("s3:putobject")
	for _, u := range s.Stores {
		if u.Store == st.Name {
			read, write = false, write && u.Access != "write"
		}
	}
	if !read && !write {
		return nil
	}
	out := d.bucketKey(st, write)
	out.Sid = "" // two permissions may imply the same
	return []render.Statement{out}
}
