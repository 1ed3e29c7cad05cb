package all_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/engine/reach"
	"fathom/engine/reach/flow"
	"fathom/estate"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
)

// Who reaches whom in the rendered tree is what the declaration says, over every
// pair of places: nothing more, nothing less.
func TestReachIsWhatIsDeclared(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			r := example(t, name)
			n := reach.Of(r.estate)
			places := n.Places()
			if len(places) < len(r.platform.Services)+len(r.platform.Stores) {
				t.Fatalf("only %d places", len(places))
			}
			seen := map[string]bool{}
			routed := map[string]bool{}
			n.Matrix(reach.MatrixOptions{}).Each(func(from, to reach.Place, got reach.Reach) {
				seen[from.String()] = true
				if from.String() == to.String() {
					return // what listens on a pod's own loopback is its own affair
				}
				if s := r.platform.Service(to.Name); from.Kind == reach.Internet && to.Kind == "svc" && s != nil && got.Sure.Equal(tcp(s.Port)) {
					routed[s.Name] = true
				}
				want, judged := wanted(r.platform, from, to)
				may := got.May.Minus(got.Refused)
				if byTheFrontDoor(r.platform, from, to) {
					may = got.Sure
				}
				if judged && !may.Equal(want) {
					t.Errorf("%s → %s: reached by %q (surely %q, refused %q), declared %q", from, to, got.May, got.Sure, got.Refused, want)
				}
			})
			for _, s := range r.platform.Services {
				if !seen["svc/"+s.Name] {
					t.Errorf("svc/%s is not a place of the rendered tree", s.Name)
				}
				if want := len(r.platform.RoutesTo(s.Name)) > 0; routed[s.Name] != want {
					t.Errorf("that the internet surely reaches svc/%s is %v, a route to it is %v", s.Name, routed[s.Name], want)
				}
			}
			outside(t, n, r.platform)
		})
	}
}

// wanted is what the declaration lets from one place to another, and whether it
// says anything of the two at all: what the nodes and the control plane say to
// each other is EKS's own.
func wanted(p *platform.Platform, from, to reach.Place) (flow.Conns, bool) {
	fromService, fromPod := service(p, from)
	toService, toPod := service(p, to)
	gateway := from.Name == "gateway" && fromPod
	switch {
	case from.Kind == reach.Internet && toPod && toService != nil && len(p.RoutesTo(toService.Name)) > 0:
		return tcp(toService.Port), true
	case from.Kind == reach.Internet && to.Kind == "api":
		return flow.Conns{}, len(p.Cluster.From) == 0
	case from.Kind == reach.Internet:
		return flow.Conns{}, to.Kind != "lb" && to.Kind != "cdn" && to.Name != "gateway" && !byAPI(to)
	case !fromPod:
		return flow.Conns{}, false
	case toPod && to.Name == "gateway":
		return flow.Conns{}, true
	case toPod && gateway:
		if len(p.RoutesTo(toService.Name)) > 0 {
			return tcp(toService.Port), true
		}
		return flow.Conns{}, true
	case toPod:
		for _, c := range fromService.Calls {
			if c.To == toService.Name {
				return tcp(toService.Port), true
			}
		}
		return flow.Conns{}, true
	case to.Kind == "store" && byAPI(to):
		return flow.Conns{}, false // through the endpoint; permissions decide
	case to.Kind == "store":
		if gateway {
			return flow.Conns{}, true
		}
		for _, u := range fromService.Stores {
			if st := p.Store(u.Store); to.Of != nil && to.Of.Meta().ID.Addr == render.StoreAddress(st) {
				return tcp(st.Engine.DefaultPort()), true
			}
		}
		return flow.Conns{}, true
	case to.Kind == "imds":
		return flow.Conns{}, true
	case to.Kind == "api":
		// The public address of an API that named networks reach may be any.
		return flow.Conns{}, len(p.Cluster.From) == 0
	}
	return flow.Conns{}, false
}

// byTheFrontDoor says whether a service may come in as any customer does: it calls
// hosts outside by https, and which addresses CloudFront has no file tells.
func byTheFrontDoor(p *platform.Platform, from, to reach.Place) bool {
	s, _ := service(p, from)
	other, pod := service(p, to)
	return s != nil && pod && (other == nil || len(p.RoutesTo(other.Name)) > 0) &&
		slices.ContainsFunc(s.Egress, func(e platform.Egress) bool { return e.Port == 443 })
}

func tcp(port int) flow.Conns { return flow.Ports(flow.TCP, port, port) }

// service is the one whose pods a place is; the gateway is a pod and no service.
func service(p *platform.Platform, at reach.Place) (*platform.Service, bool) {
	if at.Kind != "svc" {
		return nil, false
	}
	s := p.Service(at.Name)
	return s, s != nil || at.Name == "gateway"
}

// byAPI says whether a place is used through an API of AWS and has no address in
// the network: permissions decide there.
func byAPI(at reach.Place) bool {
	switch at.Of.(type) {
	case *estate.Bucket, *estate.Queue, *estate.Table:
		return true
	}
	return false
}

// outside asks for single addresses: those that a service declares, and some
// that none does.
func outside(t *testing.T, n *reach.Network, p *platform.Platform) {
	t.Helper()
	firewall := slices.ContainsFunc(p.Services, func(s platform.Service) bool {
		return slices.ContainsFunc(s.Egress, func(e platform.Egress) bool { return len(e.Addresses) == 0 })
	})
	strange := []string{"8.8.8.8", "198.18.0.1", "169.254.169.254", "192.168.7.7"}
	for _, s := range p.Services {
		from, err := n.Find("svc/"+s.Name, reach.From)
		if err != nil {
			t.Error(err)
			continue
		}
		ask := func(address string, port int) estate.Truth {
			to, err := n.Find(address, reach.To)
			if err != nil {
				t.Fatal(err)
			}
			return n.Ask(from, to, flow.Conn{Protocol: flow.TCP, Port: port}).Reaches
		}
		byName := false // some host of it is told by name, in a firewall
		for _, e := range s.Egress {
			byName = byName || len(e.Addresses) == 0
			for _, a := range e.Addresses {
				prefix := netip.MustParsePrefix(a)
				// What a firewall lets through by its own rules is unknown to reach.
				if got := ask(prefix.Addr().Next().String(), e.Port); got == estate.No || got == estate.Maybe && !firewall {
					t.Errorf("svc/%s → %s:%d: %s, declared", s.Name, prefix.Addr().Next(), e.Port, reach.Word(got))
				}
				if got := ask(prefix.Addr().Next().String(), e.Port+1); got != estate.No {
					t.Errorf("svc/%s → %s:%d: %s, not declared", s.Name, prefix.Addr().Next(), e.Port+1, reach.Word(got))
				}
			}
		}
		for _, a := range strange {
			for _, port := range []int{22, 80, 443, 8080} {
				got := ask(a, port)
				named := byName && slices.ContainsFunc(s.Egress, func(e platform.Egress) bool { return e.Port == port && len(e.Addresses) == 0 }) && a == "8.8.8.8"
				if named && got == estate.Yes {
					t.Errorf("svc/%s → %s:%d: reached, and no firewall looks at the name", s.Name, a, port)
				}
				if !named && !(byName && a == "198.18.0.1") && got != estate.No {
					t.Errorf("svc/%s → %s:%d: %s, not declared", s.Name, a, port, reach.Word(got))
				}
			}
		}
	}
}

// What each service may do at AWS is what its stores and its aws: imply.
func TestAccessIsWhatIsDeclared(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			r := example(t, name)
			w := access.New(r.estate)
			for _, s := range r.platform.Services {
				who, err := w.Principal("pod/" + s.Namespace + "/" + s.Name)
				if err != nil {
					t.Error(err)
					continue
				}
				for _, st := range r.platform.Stores {
					if st.IsBucket() {
						buckets(t, w, r.platform, who, &s, &st)
					}
				}
				nothingElse(t, w, who, &s)
			}
		})
	}
}

func buckets(t *testing.T, w *access.World, p *platform.Platform, who access.Principal, s *platform.Service, st *platform.Store) {
	t.Helper()
	var use string
	for _, u := range s.Stores {
		if u.Store == st.Name {
			use = u.Access
		}
	}
	arn, _, err := w.Resource("aws_s3_bucket." + strings.ReplaceAll(st.Name, "-", "_"))
	if err != nil {
		t.Error(err)
		return
	}
	inside := iam.Context{ // a request through the endpoint, by a member of the organisation
		"aws:sourcevpc":      iam.One("(aws_vpc.main)"),
		"aws:principalorgid": iam.One(p.Organization),
	}
	declared := func(action, object string) bool {
		for _, x := range s.AWS {
			if x.On == st.Name && slices.Contains(x.Actions, action) && (x.Path == object || strings.HasSuffix(x.Path, "*") && strings.HasPrefix(object, strings.TrimSuffix(x.Path, "*"))) {
				return true
			}
		}
		switch action {
		case "s3:GetObject":
			return use == "read" || use == "write"
		case "s3:PutObject":
			return use == "write"
		}
		return false
	}
	for _, action := range []string{"s3:GetObject", "s3:PutObject", "s3:GetObjectVersion", "s3:DeleteObjectVersion", "s3:PutObjectAcl", "s3:BypassGovernanceRetention", "s3:PutObjectRetention"} {
		for _, object := range []string{"a", "signed/b", "deep/er/c"} {
			got := w.Ask(who, action, arn+"/"+object, inside).Truth
			want := estate.No
			if declared(action, object) {
				want = estate.Yes
			}
			if got != want {
				t.Errorf("svc/%s %s on %s/%s: %s, declared %s", s.Name, action, st.Name, object, reach.Word(got), reach.Word(want))
			}
		}
	}
	for _, action := range []string{"s3:DeleteBucket", "s3:PutBucketPolicy", "s3:PutBucketAcl", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration"} {
		if got := w.Ask(who, action, arn, inside).Truth; got != estate.No {
			t.Errorf("svc/%s %s on %s: %s, and nobody declares that", s.Name, action, st.Name, reach.Word(got))
		}
	}
}

// nothingElse asks for what no service of a shop may do.
func nothingElse(t *testing.T, w *access.World, who access.Principal, s *platform.Service) {
	t.Helper()
	for _, q := range []struct {
		action, arn string
		shared      bool // it may have a policy of its own, which no file tells
	}{
		{"iam:PassRole", "arn:aws:iam::111111111111:role/admin", false},
		{"iam:CreateUser", "*", false},
		{"sts:AssumeRole", "arn:aws:iam::999999999999:role/x", false},
		{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:other-AbCdEf", true},
		{"ec2:RunInstances", "*", false},
		{"lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111111111111:function:other", true},
		{"kms:ScheduleKeyDeletion", "arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab", true},
		{"rds:DeleteDBCluster", "*", false},
		{"ssm:StartSession", "*", false},
		{"s3:ListAllMyBuckets", "*", false},
	} {
		if got := w.Ask(who, q.action, q.arn, nil).Truth; got == estate.Yes || got == estate.Maybe && !q.shared {
			t.Errorf("svc/%s %s on %s: %s, and nobody declares that", s.Name, q.action, q.arn, reach.Word(got))
		}
	}
}
