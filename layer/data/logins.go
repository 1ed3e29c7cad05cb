package data

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"fathom/control"
	"fathom/diag"
	"fathom/engine/depth"
	"fathom/estate"
	"fathom/layer/ground"
)

// login adds how somebody comes to what a store asks of those who connect. A
// store with an API only asks nobody to log in.
func (m *moves) login(k *target) {
	gives := ground.Login(k.Name)
	free := func(says string, at diag.Pos) {
		m.add(depth.Step{Gives: gives, Says: says, At: or(at, k.on.Meta().Pos)})
	}
	switch r := k.on.(type) {
	case *estate.DBCluster:
		m.database(k, &r.Database, ".cluster_resource_id")
	case *estate.DBInstance:
		m.database(k, &r.Database, ".resource_id")
	case *estate.Redshift:
		m.password(k, false)
		m.asks(gives, "gets a password of "+k.Name, k.on, nil, request{"redshift:GetClusterCredentials", k.arn, nil})
	case *estate.CacheGroup:
		switch {
		case !r.UserGroups.Absent():
			m.cache(k)
		case r.AuthToken.Absent():
			free(k.Name+" asks nobody for a password", r.Pos)
		default:
			m.password(k, false)
		}
	case *estate.CacheCluster:
		free(k.Name+" asks nobody for a password", r.Pos)
	case *estate.Stream:
		m.stream(k, r)
	case *estate.Search:
		m.asks(gives, "may search "+k.Name, k.on, nil, request{"es:ESHttpGet", k.arn + "/*", nil})
		if m.anonymous("es:ESHttpGet", k.arn+"/x") {
			free(k.Name+" answers to everybody", r.Pos)
		}
	case *estate.FileSystem:
		if len(estate.Of[*estate.FileSystemPolicy](m.e, r.ID)) == 0 {
			free(k.Name+" has no policy: whoever reaches it mounts it", r.Pos)
		}
		m.asks(gives, "mounts "+k.Name, k.on, nil, request{"elasticfilesystem:ClientMount", k.arn, nil})
	}
}

// anonymous says whether anybody at all may ask something.
func (m *moves) anonymous(action, arn string) bool {
	p, err := m.g.IAM.Principal("anonymous")
	return err == nil && m.g.IAM.Allows(p, action, arn, nil) != estate.No
}

// database adds the ways to log in to a database: as a user of IAM's, with the
// master password that RDS keeps, with a password that lies about.
func (m *moves) database(k *target, d *estate.Database, id string) {
	gives := ground.Login(k.Name)
	on := k.on.Meta()
	m.password(k, d.ManagedPassword.Is(true) == estate.Yes)
	if d.IAMAuth.Is(true) != estate.No {
		prefix := "arn:aws:rds-db:" + k.region + ":" + k.account + ":dbuser:"
		resource := "(" + on.ID.Addr + id + ")"
		users := append(slices.Clone(m.dbUsers[resource]), m.dbUsers["*"]...)
		if len(users) == 0 {
			users = append(users, m.masterOf(d))
		}
		slices.Sort(users)
		for _, u := range slices.Compact(users) {
			m.asks(gives, "logs in to "+k.Name+" as user "+u, k.on, nil, request{"rds-db:connect", prefix + resource + "/" + u, nil})
		}
	}
	if d.ManagedPassword.Is(true) == estate.Yes {
		secret := "arn:aws:secretsmanager:" + k.region + ":" + k.account + ":secret:rds!cluster-*"
		m.asks(gives, "reads the master password of "+k.Name, k.on, nil, request{"secretsmanager:GetSecretValue", secret, nil})
	}
	change := "rds:ModifyDBCluster"
	if _, ok := k.on.(*estate.DBInstance); ok {
		change = "rds:ModifyDBInstance"
	}
	m.asks(gives, "sets the master password of "+k.Name+" anew", k.on, nil, request{change, k.arn, nil})
}

func (m *moves) masterOf(d *estate.Database) string {
	for _, u := range []estate.Str{d.MasterUser, d.User} {
		if name, ok := u.Known(); ok && name != "" {
			return name
		}
	}
	return "postgres"
}

// names gathers what policies call the users of databases and the topics of
// streams: no other place has their names.
func (m *moves) names() {
	m.dbUsers, m.topics = map[string][]string{}, map[string][]string{}
	eachStatement(m.e, func(_ estate.Resource, s *estate.Statement) {
		for _, r := range s.Resources {
			r = holes.Replace(r)
			if _, rest, ok := strings.Cut(r, ":dbuser:"); ok {
				if id, user, ok := strings.Cut(rest, "/"); ok && !strings.ContainsAny(user, "*?") {
					m.dbUsers[id] = append(m.dbUsers[id], user)
				}
			}
			if _, rest, ok := strings.Cut(r, ":topic/"); ok && !strings.ContainsAny(rest, "*?") {
				cluster, _, _ := strings.Cut(rest, "/")
				if !slices.Contains(m.topics[cluster], r) {
					m.topics[cluster] = append(m.topics[cluster], r)
				}
			}
		}
	})
}

// holes writes what only AWS knows as the engine iam does.
var holes = strings.NewReplacer("${", "(", "}", ")")

// cache adds who of IAM's users may connect to a cache.
func (m *moves) cache(k *target) {
	gives := ground.Login(k.Name)
	users := estate.All[*estate.CacheUser](m.e)
	connect := request{"elasticache:Connect", k.arn, nil}
	for _, u := range users {
		id, ok := u.UserID.Known()
		if access, known := u.Access.Known(); !ok || known && strings.HasPrefix(strings.TrimSpace(access), "off") {
			continue
		}
		arn := "arn:aws:elasticache:" + k.region + ":" + k.account + ":user:" + id
		m.asks(gives, "connects to "+k.Name+" as user "+id, k.on, nil, connect, request{"elasticache:Connect", arn, nil})
	}
	if len(users) == 0 {
		m.asks(gives, "connects to "+k.Name, k.on, nil, connect)
	}
}

// stream adds who is let in to a Kafka cluster. MSK lets in everybody unless a
// way to prove who they are is set up (Amazon MSK Developer Guide,
// "Authentication and authorization for Apache Kafka APIs").
func (m *moves) stream(k *target, r *estate.Stream) {
	gives := ground.Login(k.Name)
	c := r.Clients.One()
	if c == nil || c.Unauthenticated.Is(true) != estate.No {
		s := depth.Step{Gives: gives, Says: k.Name + " takes clients that do not say who they are", At: r.Pos}
		if c == nil && r.Clients.Why != "" {
			s.Doubt = "it is not known whom " + k.Name + " lets in: " + r.Clients.Why
		} else if c != nil {
			s.At = or(c.Unauthenticated.Pos(), r.Pos)
			if c.Unauthenticated.Unknown() {
				s.Doubt = "it is not known whether " + k.Name + " lets in clients that do not say who they are: " + c.Unauthenticated.Why()
			}
		}
		m.add(s)
	}
	if c == nil {
		return
	}
	name, _ := r.ClusterName.Known()
	topics := m.topics[name]
	if len(topics) == 0 {
		topics = []string{strings.Replace(k.arn, ":cluster/", ":topic/", 1) + "/*"}
	}
	for _, t := range topics {
		m.asks(gives, "reads "+t[strings.LastIndexByte(t, '/')+1:]+" of "+k.Name, k.on, nil,
			request{"kafka-cluster:Connect", k.arn, nil}, request{"kafka-cluster:ReadData", t, nil})
	}
	if len(c.TLS.Items) > 0 || slices.ContainsFunc(c.SASL.Items, func(s estate.StreamSASL) bool { return s.SCRAM.Is(true) != estate.No }) {
		m.password(k, false)
	}
}

// password adds that a password lies about, and that a workload which uses the
// store has it. With managed AWS makes the password and changes it.
func (m *moves) password(k *target, managed bool) {
	gives := ground.Login(k.Name)
	stop, judged := m.secrets[k.on.Meta().ID]
	if !judged {
		stop = depth.Stop{
			Guard: depth.Guard{Control: secrets.ID, On: k.on.Meta().ID.Addr}, State: depth.Standing, At: k.on.Meta().Pos,
			Says: "no file has a password of " + k.Name + " in clear",
		}
	}
	if lying := m.lying(k); lying != nil && !managed {
		stop.State, stop.At, stop.Says = depth.Missing, lying.At, lying.Summary
	}
	m.add(depth.Step{Gives: gives, Stops: []depth.Stop{stop}, Says: "has a password of " + k.Name + " that lies about", At: stop.At})
	if managed {
		return
	}
	for _, w := range m.g.Workloads {
		if m.holdsSecrets(w) && m.uses(w, k) {
			m.add(depth.Step{
				Gives: gives, Needs: []depth.Capability{ground.Run(w.Name)}, At: w.Place.Of.Meta().Pos,
				Says: "finds the password of " + k.Name + " where " + w.Name + " has it",
			})
		}
	}
}

// uses says whether the network lets a workload to a store: it was opened
// because the workload needs it.
func (m *moves) uses(w *ground.Workload, k *target) bool {
	return slices.ContainsFunc(m.g.Ways(w.Place, k.Place), func(x ground.Way) bool { return len(x.Stops) == 0 })
}

// holdsSecrets says whether a workload gets secrets from the cluster.
func (m *moves) holdsSecrets(w *ground.Workload) bool {
	pods := w.Pods()
	if pods == nil {
		return false
	}
	has := false
	pods.Containers(func(c *corev1.Container, _ []string) {
		for _, f := range c.EnvFrom {
			has = has || f.SecretRef != nil
		}
		for _, v := range c.Env {
			has = has || v.ValueFrom != nil && v.ValueFrom.SecretKeyRef != nil || secretName(v.Name) && v.Value != ""
		}
	})
	for _, v := range pods.Pod.Volumes {
		has = has || v.Secret != nil || v.CSI != nil
	}
	return has
}

// lying is a password of the store's kind that some file has in clear, apart
// from the store's own arguments.
func (m *moves) lying(k *target) *control.Result {
	return m.clear[kindOf(k.on)]
}

// kindOf is what a password for the store is named after.
func kindOf(r estate.Resource) string {
	switch r.(type) {
	case *estate.DBCluster, *estate.DBInstance:
		return "database"
	case *estate.CacheGroup:
		return "cache"
	case *estate.Redshift:
		return "warehouse"
	case *estate.Stream:
		return "stream"
	}
	return ""
}

// clearWords are the words of a secret's name that say what it opens.
var clearWords = []struct {
	kind  string
	words []string
}{
	{"database", []string{"db", "database", "postgres", "postgresql", "pg", "pgpassword", "mysql", "mariadb", "rds", "aurora", "jdbc"}},
	{"cache", []string{"redis", "cache", "valkey"}},
	{"warehouse", []string{"redshift", "warehouse"}},
	{"stream", []string{"kafka", "msk", "scram"}},
}

// writtenOut are the passwords that files have in clear, by what they open: the
// first of each kind.
func writtenOut(e *estate.Estate) map[string]*control.Result {
	out := map[string]*control.Result{}
	results := checkSecrets(e)
	for i := range results {
		r := &results[i]
		if r.Status != control.Absent || r.Cause != control.CausePlaintext {
			continue
		}
		if own(r.On.Type) || r.On.Type == "aws_ssm_parameter" {
			continue // who reads a parameter has to be let in to Parameter Store
		}
		for _, ev := range r.Evidence {
			name, _, sized := strings.Cut(ev.Saw, ", ")
			for _, c := range clearWords {
				if sized && out[c.kind] == nil && anyWord(words(name), c.words...) {
					out[c.kind] = r
				}
			}
		}
	}
	return out
}

// own says whether a resource is a store, whose password is judged as its own.
func own(kind string) bool {
	return slices.ContainsFunc([]string{"aws_db_", "aws_rds_", "aws_elasticache_", "aws_redshift_"}, func(p string) bool { return strings.HasPrefix(kind, p) })
}

// eachStatement calls f with every statement of an identity policy, and what
// holds it.
func eachStatement(e *estate.Estate, f func(estate.Resource, *estate.Statement)) {
	each := func(on estate.Resource, p *estate.Policy) {
		for i := range p.Statements {
			f(on, &p.Statements[i])
		}
	}
	for _, p := range estate.All[*estate.IAMPolicy](e) {
		each(p, &p.Policy)
	}
	for _, p := range estate.All[*estate.RolePolicy](e) {
		each(p, &p.Policy)
	}
	for _, p := range estate.All[*estate.UserPolicy](e) {
		each(p, &p.Policy)
	}
	for _, p := range estate.All[*estate.GroupPolicy](e) {
		each(p, &p.Policy)
	}
	for _, r := range estate.All[*estate.Role](e) {
		for i := range r.Inline.Items {
			each(r, &r.Inline.Items[i].Policy)
		}
	}
}
