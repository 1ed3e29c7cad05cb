package identity

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
)

// asked is one request, and whether the declaration lets it through.
type asked struct {
	action, resource string
	context          iam.Context
	want             bool
}

// asker makes up requests of one service about one store, from the declaration
// alone: what it says, and what is beside it.
type asker struct {
	p    *platform.Platform
	s    *platform.Service
	st   *platform.Store
	use  *platform.Use // nil where the service does not use the store
	arn  string        // of the store
	key  string        // of its key
	asks []asked
}

func (a *asker) ask(want bool, action, resource string, context ...string) {
	ctx := iam.Context{}
	for i := 0; i < len(context); i += 2 {
		ctx[context[i]] = iam.One(context[i+1])
	}
	a.asks = append(a.asks, asked{action, resource, ctx, want})
}

// declares says whether a permission of aws: covers an action on a path.
func (a *asker) declares(action, path string) bool {
	return slices.ContainsFunc(a.s.AWS, func(p platform.Permission) bool {
		prefix, all := strings.CutSuffix(p.Path, "*")
		return p.On == a.st.Name && slices.Contains(p.Actions, action) &&
			(p.Path == "" || p.Path == path || all && strings.HasPrefix(path, prefix))
	})
}

func (a *asker) all() {
	in := func(service string) string { return "arn:aws:" + service + ":" + a.p.Region + ":" + a.p.Account + ":" }
	uses := a.use != nil
	other := "somebody-else"
	switch a.st.Engine {
	case platform.Postgres, platform.MySQL:
		user := in("rds-db") + "dbuser:(" + render.StoreAddress(a.st) + ".cluster_resource_id)/"
		a.ask(uses, "rds-db:connect", user+a.s.Name)
		a.ask(false, "rds-db:connect", user+other)
		a.ask(false, "rds:DeleteDBCluster", a.arn)
	case platform.Redis:
		a.ask(uses, "elasticache:Connect", a.arn)
		a.ask(uses, "elasticache:Connect", in("elasticache")+"user:"+render.StoreUser(a.p, a.st.Name, a.s.Name))
		a.ask(false, "elasticache:Connect", in("elasticache")+"user:"+render.StoreUser(a.p, a.st.Name, other))
	case platform.Kafka:
		within := func(kind, name string) string {
			return in("kafka") + kind + "/" + render.Name(a.p, a.st.Name) + "/(" + render.StoreAddress(a.st) + ".cluster_uuid)/" + name
		}
		a.ask(uses, "kafka-cluster:Connect", a.arn)
		for _, t := range append(slices.Clone(a.st.Topics), platform.Topic{Name: other}) {
			a.ask(uses && slices.Contains(a.use.Produce, t.Name), "kafka-cluster:WriteData", within("topic", t.Name))
			a.ask(uses && slices.Contains(a.use.Consume, t.Name), "kafka-cluster:ReadData", within("topic", t.Name))
			a.ask(false, "kafka-cluster:DeleteTopic", within("topic", t.Name))
		}
		a.ask(uses && len(a.use.Consume) > 0, "kafka-cluster:AlterGroup", within("group", a.s.Name))
		a.ask(false, "kafka-cluster:AlterGroup", within("group", other))
	case platform.S3:
		a.bucket(uses, uses && a.use.Access == "write", in("s3")+"accesspoint/"+render.Name(a.p, a.st.Name))
	}
	a.keys()
}

func (a *asker) bucket(read, write bool, point string) {
	a.ask(read, "s3:ListBucket", a.arn)
	a.ask(read, "s3:ListBucket", point)
	for _, o := range []string{"orders/1.pdf", "signed/form"} {
		for _, object := range []string{a.arn + "/" + o, point + "/object/" + o} {
			a.ask(read, "s3:GetObject", object)
			a.ask(write, "s3:PutObject", object)
			a.ask(write && a.st.Lock.Mode == "", "s3:DeleteObject", object)
			a.ask(a.declares("s3:GetObjectVersion", o), "s3:GetObjectVersion", object)
			a.ask(false, "s3:PutObjectAcl", object)
		}
	}
	a.ask(false, "s3:PutBucketPolicy", a.arn)
	a.ask(false, "s3:DeleteBucket", a.arn)
	via := []string{"kms:ViaService", "s3." + a.p.Region + ".amazonaws.com", "kms:EncryptionContext:aws:s3:arn"}
	a.ask(read, "kms:Decrypt", a.key, append(via, a.arn)...)
	a.ask(write, "kms:GenerateDataKey", a.key, append(via, a.arn)...)
	a.ask(false, "kms:Decrypt", a.key, append(via, "arn:aws:s3:::another")...)
}

// keys asks for the store's key without any service of AWS between.
func (a *asker) keys() {
	const service = "kms:EncryptionContext:service"
	for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey"} {
		a.ask(a.declares(action, ""), action, a.key, service, a.s.Name)
		a.ask(false, action, a.key, service, "somebody-else")
		a.ask(false, action, a.key)
	}
	a.ask(false, "kms:ScheduleKeyDeletion", a.key)
	a.ask(false, "kms:CreateGrant", a.key)
}

// Every service may do to every store what is declared, and nothing else.
func TestServicesMayDoWhatIsDeclared(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		w := access.New(declaredEstate(t, p))
		arn := func(address string) string {
			a, _, err := w.Resource(address)
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		yes, no := 0, 0
		for i := range p.Services {
			s := &p.Services[i]
			who, err := w.Principal("pod/" + s.Namespace + "/" + s.Name)
			if err != nil {
				t.Fatal(err)
			}
			for j := range p.Stores {
				st := &p.Stores[j]
				a := &asker{p: p, s: s, st: st, arn: arn(render.StoreAddress(st)), key: arn("aws_kms_key." + render.Label(render.StoreKey(st)))}
				if u := slices.IndexFunc(s.Stores, func(u platform.Use) bool { return u.Store == st.Name }); u >= 0 {
					a.use = &s.Stores[u]
				}
				a.all()
				for _, q := range a.asks {
					want := estate.No
					if q.want {
						want, yes = estate.Yes, yes+1
					} else {
						no++
					}
					got := w.Ask(who, q.action, q.resource, q.context)
					if strings.Contains(q.resource, ":accesspoint/") { // whose own policy the engine does not read
						got.Truth = estate.No
						if slices.ContainsFunc(got.Because, func(b access.Because) bool { return b.Place == "identity" && b.Effect == iam.Allow }) {
							got.Truth = estate.Yes
						}
					}
					if got.Truth != want {
						t.Errorf("%s: %s of %s on %s %v: got %v, want %v\n%v %v", name, q.action, s.Name, q.resource, slices.Sorted(maps.Keys(q.context)), got.Truth, want, got.Because, got.Doubts)
					}
				}
			}
		}
		if yes < 10 || no < 10 {
			t.Errorf("%s: only %d requests are allowed and %d refused", name, yes, no)
		}
	}
}

// The pods of a service act as its role, and no others do.
func TestNobodyElseIsAService(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		w := access.New(declaredEstate(t, p))
		for i := range p.Services {
			s := &p.Services[i]
			role, err := w.Principal("aws_iam_role.svc_" + render.Label(s.Name))
			if err != nil {
				t.Fatal(err)
			}
			for j := range p.Services {
				other := &p.Services[j]
				who, err := w.Principal("pod/" + other.Namespace + "/" + other.Name)
				if err != nil {
					t.Fatal(err)
				}
				is := slices.ContainsFunc(who.As, func(id access.Identity) bool { return id.Role.IAM.ARN == role.IAM.ARN && id.Truth != estate.No })
				if is != (i == j) {
					t.Errorf("%s: pods of %s act as the role of %s: %v", name, other.Name, s.Name, is)
				}
			}
		}
	}
}

// The documents keep to what AWS stores ("IAM and AWS STS quotas", "Quotas for
// AWS Organizations").
func TestSizes(t *testing.T) {
	for _, name := range layertest.Examples {
		e := declaredEstate(t, layertest.Platform(t, name))
		hold := func(r estate.Resource, p *estate.Policy, limit int) {
			var doc any
			if err := json.Unmarshal([]byte(p.Text()), &doc); err != nil {
				t.Errorf("%s: %s: %v", name, r.Meta().ID.Addr, err)
			}
			n := 0
			for _, c := range p.Text() {
				if !unicode.IsSpace(c) {
					n++
				}
			}
			if n > limit {
				t.Errorf("%s: %s has %d characters, and AWS takes %d", name, r.Meta().ID.Addr, n, limit)
			}
		}
		for _, p := range estate.All[*estate.IAMPolicy](e) {
			hold(p, &p.Policy, 6_144)
		}
		for _, p := range estate.All[*estate.RolePolicy](e) {
			hold(p, &p.Policy, 10_240)
			for _, s := range p.Policy.Statements {
				everywhere := slices.Contains(s.Resources, "*") && strings.Contains(p.ID.Addr, ".svc_")
				if everywhere || slices.ContainsFunc(s.Actions, func(a string) bool { return strings.Contains(a, "*") }) {
					t.Errorf("%s: %s has a wildcard: %v on %v", name, p.ID.Addr, s.Actions, s.Resources)
				}
			}
		}
		for _, p := range estate.All[*estate.OrgPolicy](e) {
			hold(p, &p.Content, 5_120)
		}
		for _, r := range estate.All[*estate.Role](e) {
			hold(r, &r.Trust, 2_048)
			if r.Boundary.Set() != estate.Yes {
				t.Errorf("%s: %s has no boundary", name, r.ID.Addr)
			}
		}
	}
}
