package draft

import (
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/platform"
)

// permission is what a service may do besides what its stores imply.
type permission struct {
	actions []string
	on      string // a store, a path in one, or an ARN
	at      diag.Pos
}

func (p permission) text() string { return strings.Join(p.actions, ", ") + " on " + p.on }

// findRoles finds the roles of the service's own account: those of the node are
// every pod's.
func (d *drafter) findRoles(s *service) {
	if sa := estate.ServiceAccountOf(d.e, s.w); sa != nil {
		s.roles = append(s.roles, estate.To(d.e, sa.Role)...)
		if len(s.roles) == 0 && sa.Role.Set() == estate.Yes {
			d.note(sa.Pos, "write its permissions", "the role %s of %s is in no file, so that its permissions are not in the draft", sa.Role.String(), s.name)
		}
	}
	for _, p := range estate.All[*estate.PodIdentity](d.e) {
		if p.Namespace.Is(s.w.Namespace) == estate.Yes && p.ServiceAccount.Is(s.w.ServiceAccountName()) == estate.Yes {
			s.roles = append(s.roles, estate.To(d.e, p.Role)...)
			s.tagged = p.NoSessionTags.Is(true) != estate.Yes
		}
	}
}

// findGrants takes what the roles of a service allow.
func (d *drafter) findGrants(s *service) {
	for _, r := range s.roles {
		h := r.HolderOf(d.e)
		for i := range h.Grants {
			g := &h.Grants[i]
			for j := range g.Policy.Statements {
				if st := &g.Policy.Statements[j]; st.Effect == "Allow" {
					d.statement(s, g, st)
				}
			}
		}
		for _, arn := range h.AWSManaged {
			d.note(arn.Pos(), "write the permissions that it needs", "%s has the policy %s, which is not taken over: it names no resource of the platform's own", s.name, arn.String())
		}
		for _, p := range h.Partial {
			d.note(p.At, "write the permissions that it needs", "a policy of %s could not be read as a whole: %s", s.name, p.Policy.Why())
		}
	}
	d.nodeRoles(s)
}

// nodeRoles notes what every pod may do because its node may.
func (d *drafter) nodeRoles(s *service) {
	if len(s.roles) > 0 {
		return
	}
	w := estate.Once(d.e, access.New)
	for _, id := range w.Identities(s.w) {
		if id.Role.Resource != nil {
			d.note(id.Role.Resource.Meta().Pos, "write the permissions that each service needs", "pods without a role of their own act as %s, whose permissions are not taken over: they are every pod's", id.Role.Name)
		}
	}
}

// target is what a statement's resource is.
type target struct {
	store *store
	path  string // of a bucket: what is after its ARN; a stream: topic/NAME
	user  string // the id of a cache's user
	key   *estate.KMSKey
	arn   string
}

// implied are the actions that a use of a store brings by itself.
var implied = map[platform.Engine]*regexp.Regexp{
	platform.Postgres: regexp.MustCompile(`^rds-db:connect$`), platform.MySQL: regexp.MustCompile(`^rds-db:connect$`),
	platform.Redis: regexp.MustCompile(`(?i)^elasticache:connect$`), platform.Kafka: regexp.MustCompile(`^kafka-cluster:`),
	platform.S3: regexp.MustCompile(`^s3:(ListBucket|GetObject|PutObject|AbortMultipartUpload|DeleteObject|GetBucketLocation|ListBucketMultipartUploads|ListMultipartUploadParts)$`),
}

// writing are the actions that change a bucket's objects.
var writing = regexp.MustCompile(`^s3:(\*|Put|Delete|Abort|Restore)`)

// statement takes what one statement allows.
func (d *drafter) statement(s *service, g *estate.Grant, st *estate.Statement) {
	at := g.At
	if len(st.NotActions)+len(st.NotResources) > 0 {
		d.note(at, "write the permissions that it needs", "%s may do everything but what a statement names, which is not taken over", s.name)
		return
	}
	via, context := false, false
	for _, c := range st.Conditions {
		via = via || c.Key == "kms:viaservice"
		context = context || strings.HasPrefix(c.Key, "kms:encryptioncontext:")
	}
	root := g.From.Meta().ID.Root
	found := false
	var vague []string
	for _, r := range st.Resources {
		t, ok := d.target(r, root)
		if !ok {
			vague = append(vague, r)
			continue
		}
		found = true
		d.take(s, t, st.Actions, at, via)
	}
	for _, r := range vague {
		switch {
		case strings.Contains(r, ":accesspoint/") && found:
		case r == "*":
			d.note(at, "write the resources that it needs", "%s may do %s on everything, which is not taken over", s.name, listed(st.Actions))
		default:
			d.note(at, "write it, if it needs it", "%s may do %s on %s, which is not taken over: the draft cannot name it", s.name, listed(st.Actions), r)
		}
	}
}

// listed writes a few texts.
func listed(texts []string) string {
	if len(texts) > 3 {
		return strings.Join(texts[:3], ", ") + " …"
	}
	return strings.Join(texts, ", ")
}

// take takes the actions of a statement on a target.
func (d *drafter) take(s *service, t target, actions []string, at diag.Pos, via bool) {
	if t.key != nil {
		if via { // what S3 and others do for the service comes with its stores
			return
		}
		if t.store = d.sealedBy(t.key.ID); t.store == nil {
			d.note(at, "write it on the store whose key it is", "%s may do %s with %s, which is not taken over: it is no store's own key", s.name, listed(actions), t.key.ID)
			return
		}
	}
	wild := slices.ContainsFunc(actions, func(a string) bool { return strings.ContainsAny(a, "*?") })
	if wild {
		d.note(at, "name the actions that it needs", "%s may do %s, and wildcards are not taken over", s.name, listed(actions))
	}
	if t.store == nil {
		s.grant(exact(actions, nil), t.arn, at)
		return
	}
	if strings.ContainsAny(strings.TrimSuffix(t.path, "*"), "*?") {
		d.note(at, "write the paths", "%s may do %s on %s/%s, which is not taken over: it has a wildcard in its middle", s.name, listed(actions), t.store.name, t.path)
		return
	}
	own := t.key == nil && (t.store.engine != platform.S3 || t.path == "" || t.path == "*")
	if own {
		d.useBy(s, t, actions, at, wild)
		s.grant(exact(actions, implied[t.store.engine]), t.store.name+slash(t.path), at)
		return
	}
	s.grant(exact(actions, nil), t.store.name+slash(t.path), at)
}

func slash(path string) string {
	if path == "" {
		return ""
	}
	return "/" + path
}

// exact are the actions without wildcards, and without those that are implied.
func exact(actions []string, but *regexp.Regexp) []string {
	var out []string
	for _, a := range actions {
		if !strings.ContainsAny(a, "*?") && (but == nil || !but.MatchString(a)) {
			out = append(out, a)
		}
	}
	return out
}

func (s *service) grant(actions []string, on string, at diag.Pos) {
	if len(actions) == 0 || on == "" {
		return
	}
	p := permission{actions, on, at}
	if !slices.ContainsFunc(s.aws, func(o permission) bool { return o.text() == p.text() }) {
		s.aws = append(s.aws, p)
	}
}

// useBy takes from actions on a store how the service uses it.
func (d *drafter) useBy(s *service, t target, actions []string, at diag.Pos, wild bool) {
	u := use{at: at}
	switch t.store.engine {
	case platform.S3:
		u.access = "read"
		if slices.ContainsFunc(actions, func(a string) bool { return a == "*" || writing.MatchString(a) }) {
			u.access = "write"
		}
		if wild {
			u.why = "its role allows more than one can tell from"
		}
	case platform.Kafka:
		topic, ok := strings.CutPrefix(t.path, "topic/")
		if !ok {
			return
		}
		if strings.ContainsAny(topic, "*?") || !topicForm.MatchString(topic) {
			d.note(at, "name the topics", "%s may use the topics %s, which is not taken over", s.name, topic)
			return
		}
		u.produce = pick(actions, topic, "kafka-cluster:WriteData", "kafka-cluster:*")
		u.consume = pick(actions, topic, "kafka-cluster:ReadData", "kafka-cluster:*")
		if len(u.produce)+len(u.consume) == 0 {
			return
		}
	case platform.Redis:
		u.access = "write"
		if rights := d.cacheRights(t.user); rights != "" && !strings.Contains(rights, "+@write") && !strings.Contains(rights, "+@all") {
			u.access = "read"
		} else if rights == "" && t.user == "" && !slices.ContainsFunc(actions, func(a string) bool { return strings.EqualFold(a, "elasticache:Connect") }) {
			return
		}
	default:
		u.access, u.why = "write", "its role lets it connect, and the database alone knows whether it may write"
		if !slices.Contains(actions, "rds-db:connect") && !slices.Contains(actions, "rds-db:*") {
			return
		}
	}
	s.use(t.store, u)
}

func pick(actions []string, topic string, any ...string) []string {
	if slices.ContainsFunc(actions, func(a string) bool { return slices.Contains(any, a) }) {
		return []string{topic}
	}
	return nil
}

// cacheRights is what a user of a cache may do.
func (d *drafter) cacheRights(id string) string {
	for _, u := range estate.All[*estate.CacheUser](d.e) {
		if id != "" && u.UserID.Is(id) == estate.Yes {
			text, _ := u.Access.Known()
			return text
		}
	}
	return ""
}

// attribute matches ${module.db["orders"].aws_rds_cluster.this.arn}.
var attribute = regexp.MustCompile(`\$\{([^{}]+)\.[a-z_]+\}`)

// target finds what the resource of a statement is.
func (d *drafter) target(text, root string) (target, bool) {
	if m := attribute.FindStringSubmatchIndex(text); m != nil {
		r, ok := estate.Get[estate.Resource](d.e, estate.ID{Root: root, Addr: text[m[2]:m[3]]})
		if !ok {
			return target{}, false
		}
		return d.targetOf(r, text, text[m[1]:])
	}
	if strings.ContainsAny(text, "$") || !strings.HasPrefix(text, "arn:") {
		return target{}, false
	}
	return d.literal(text)
}

// targetOf is what a statement names by the attribute of a resource; rest is
// what follows it.
func (d *drafter) targetOf(r estate.Resource, text, rest string) (target, bool) {
	if key, ok := r.(*estate.KMSKey); ok {
		return target{key: key}, rest == ""
	}
	for _, s := range d.stores {
		if s.of == r || slices.Contains(s.more, r) {
			return target{store: s, path: pathIn(s, text, rest)}, true
		}
	}
	arn, _, err := estate.Once(d.e, access.New).Resource(r.Meta().ID.Addr)
	if err != nil || strings.ContainsAny(arn, "<>()${}") || strings.HasPrefix(text, "arn:") {
		return target{}, false
	}
	return target{arn: arn + rest}, true
}

// pathIn is what a statement names in a store.
func pathIn(s *store, text, rest string) string {
	switch s.engine {
	case platform.S3:
		return strings.TrimPrefix(rest, "/")
	case platform.Kafka:
		if strings.Contains(text, ":topic/") {
			return "topic/" + text[strings.LastIndexByte(text, '/')+1:]
		}
		if strings.Contains(text, ":group/") {
			return "group"
		}
	}
	return ""
}

// literal is what an ARN names.
func (d *drafter) literal(arn string) (target, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return target{}, false
	}
	name, path, _ := strings.Cut(parts[5], "/")
	for _, s := range d.stores {
		id, ok := s.called.Known()
		if !ok || id == "" {
			continue
		}
		switch {
		case s.engine == platform.S3 && parts[2] == "s3" && name == id:
			return target{store: s, path: path}, true
		case s.engine == platform.Kafka && parts[2] == "kafka" && strings.HasPrefix(path, id+"/"):
			return target{store: s, path: pathIn(s, arn, "")}, true
		case s.engine == platform.Redis && parts[2] == "elasticache" && (parts[5] == "replicationgroup:"+id || parts[5] == "cluster:"+id):
			return target{store: s}, true
		}
	}
	if user, ok := strings.CutPrefix(parts[5], "user:"); ok && parts[2] == "elasticache" {
		for _, s := range d.stores { // the caches that the user may be of: names begin alike
			id, _ := s.called.Known()
			if s.engine == platform.Redis && id != "" && strings.HasPrefix(user, id) {
				return target{store: s, user: user}, true
			}
		}
		return target{}, false
	}
	if strings.Contains(arn, ":accesspoint/") || strings.ContainsAny(strings.TrimSuffix(arn, "*"), "*?") || slices.Contains([]string{"s3", "kafka", "rds-db", "kms"}, parts[2]) {
		return target{}, false
	}
	return target{arn: arn}, true
}
