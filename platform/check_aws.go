package platform

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"fathom/diag"
	"fathom/engine/iam/escalate"
)

var action = regexp.MustCompile(`^[a-z0-9-]+:[A-Za-z0-9]+$`)

// permissions checks what services may do besides.
func (c *checker) permissions() {
	for i := range c.Services {
		s := &c.Services[i]
		for _, n := range c.tree.get("services", s.Name, "aws").items {
			if n.kind == scalar && !n.bad {
				c.permission(permissionOf(n.text), n.pos)
			}
		}
	}
}

func (c *checker) permission(perm Permission, at diag.Pos) {
	for _, a := range perm.Actions {
		switch why := danger(a); {
		case strings.ContainsAny(a, "*?"):
			c.add(at, "name each action", "action %q is a wildcard: what AWS adds tomorrow is allowed today", a)
		case !action.MatchString(a):
			c.add(at, "write it like s3:GetObject", "%q is not an action", a)
		case why != "":
			c.add(at, "take it away; what needs it belongs into the pipeline", "action %q %s", a, why)
		default:
			c.target(perm, a, at)
		}
	}
	switch {
	case perm.ARN != "":
		c.arn(perm.ARN, at)
	case perm.On == "*":
		c.add(at, "name a store, a path in one, or an ARN", "permission %q is on everything", perm.Text)
	case c.known("store", perm.On, c.storeNames, at):
		if star := strings.TrimSuffix(perm.Path, "*"); strings.ContainsAny(star, "*?") {
			c.add(at, "put the star at the end", "permission %q has a wildcard in the middle of its path", perm.Text)
		}
		if st := c.Store(perm.On); perm.Path != "" && !st.IsBucket() {
			c.add(at, "write "+perm.On+" alone", "store %q is %s, which has no paths", perm.On, called[st.Engine])
		}
	}
}

// prefixes are the services of AWS whose actions are about a store.
var prefixes = map[Engine][]string{
	Postgres: {"kms", "rds", "rds-db"}, MySQL: {"kms", "rds", "rds-db"},
	Redis: {"elasticache", "kms"}, Kafka: {"kafka", "kafka-cluster", "kms"}, S3: {"kms", "s3"},
}

// target asks that an action is one of its target's service.
func (c *checker) target(perm Permission, a string, at diag.Pos) {
	service, _, _ := strings.Cut(a, ":")
	if perm.ARN != "" {
		if of := strings.SplitN(perm.ARN, ":", 4); len(of) == 4 && of[2] != service && !strings.ContainsAny(of[2], "*?") {
			c.add(at, "name a resource of "+service, "action %q is not about %q, which is one of %s", a, perm.ARN, of[2])
		}
		return
	}
	st := c.Store(perm.On)
	if st == nil || st.Engine == "" {
		return
	}
	if allowed := prefixes[st.Engine]; !slices.Contains(allowed, service) {
		c.add(at, "use actions of "+or(allowed), "action %q is not about %q, which is %s", a, st.Name, called[st.Engine])
		return
	}
	if service == "kms" && st.Key != "own" && !c.tree.get("stores", st.Name, "key").bad {
		c.add(at, fmt.Sprintf("add key: own to store %q", st.Name), "permission %q is on a key that other stores share", perm.Text)
	}
}

// arn asks for a whole ARN of something exact, with a star at its end at most.
func (c *checker) arn(arn string, at diag.Pos) {
	parts := strings.SplitN(arn, ":", 6)
	switch {
	case len(parts) < 6 || parts[5] == "" || parts[1] == "" || parts[2] == "":
		c.add(at, "write arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE", "%q is not a whole ARN", arn)
	case strings.ContainsAny(strings.Join(parts[:5], ":"), "*?") || strings.Trim(parts[5], "*/:") == "":
		c.add(at, "name the resource", "%q is on everything of a kind", arn)
	case strings.ContainsAny(strings.TrimSuffix(parts[5], "*"), "*?"):
		c.add(at, "put the star at the end", "%q has a wildcard in its middle", arn)
	case parts[4] != "" && parts[4] != c.Account && c.Account != "":
		c.add(at, "name a resource of account "+c.Account, "%q is in another account: what leaves there is not seen here", arn)
	}
}

// needed are requests of known ways to more permissions that services have good
// reasons for, on resources that are named.
var needed = []string{"kms:Decrypt", "lambda:InvokeFunction", "s3:GetObject", "secretsmanager:GetSecretValue", "states:StartExecution"}

// steps are the requests of every known way to more permissions, each with the
// first way's id.
var steps = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, w := range escalate.Ways() {
		for _, r := range w.Requests {
			if out[r] == "" && !slices.Contains(needed, r) {
				out[r] = w.ID
			}
		}
	}
	return out
})

// writes are the beginnings of actions that change something.
var writes = regexp.MustCompile(`^(Add|Attach|Change|Create|Deactivate|Delete|Detach|Disable|Enable|Leave|Move|Pass|Put|Register|Remove|Reset|Set|Tag|Untag|Update|Upload)`)

// rules are actions on what guards a resource rather than on what is in it.
var rules = regexp.MustCompile(`(Policy|Acl|PublicAccessBlock|ObjectLockConfiguration|Grant|Permission|PermissionsBoundary)$`)

// destroys are actions after which data is gone, or may be.
var destroys = regexp.MustCompile(`^(kms:(ScheduleKeyDeletion|DisableKey|DeleteImportedKeyMaterial)|s3:(BypassGovernanceRetention|DeleteBucket|PutLifecycleConfiguration|PutBucketVersioning)|rds:Delete.*|elasticache:Delete.*|kafka:Delete.*|backup:Delete.*)$`)

// danger says why a service may not have an action, or nothing.
func danger(a string) string {
	service, verb, _ := strings.Cut(a, ":")
	switch {
	case steps()[a] != "":
		return fmt.Sprintf("is a step to more permissions than were given (%s)", steps()[a])
	case service == "sts" && strings.HasPrefix(verb, "AssumeRole"):
		return "makes another role of the service's, which nothing here describes"
	case (service == "iam" || service == "organizations" || service == "sso") && writes.MatchString(verb):
		return "changes who may do what"
	case writes.MatchString(verb) && rules.MatchString(verb):
		return "changes the rules of the resource, not what is in it"
	case destroys.MatchString(a):
		return "takes away data or what keeps it"
	}
	return ""
}
