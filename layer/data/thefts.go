package data

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/engine/depth"
	"fathom/engine/iam"
	"fathom/estate"
	"fathom/layer/ground"
)

// hold adds how somebody comes to hold what is in a store: by connecting to it
// and logging in, or by asking AWS for it.
func (m *moves) hold(k *target) {
	if !k.api {
		for _, x := range m.insiders() {
			m.add(depth.Step{
				Gives: ground.Hold(k.Name, x.name), Needs: []depth.Capability{x.at, ground.Connect(k.Name, x.name), ground.Login(k.Name)},
				Says: "reads everything in " + k.Name + " from " + x.name, At: k.on.Meta().Pos,
			})
		}
		m.add(depth.Step{
			Gives: ground.Hold(k.Name, ground.Outside), Needs: []depth.Capability{ground.Connect(k.Name, ground.Outside), ground.Login(k.Name)},
			Says: "reads everything in " + k.Name + " over the internet", At: k.on.Meta().Pos,
		})
		return
	}
	service, action, arn := readingOf(k)
	opening := m.opening(k, service, "kms:Decrypt")
	outside := ground.Hold(k.Name, ground.Outside)
	m.asks(outside, "reads everything in "+k.Name+" through AWS's API, from outside,", k.on, nil, append([]request{{action, arn, nil}}, opening...)...)
	m.public(k, outside, request{action, arn, nil}, opening)

	read, within := fetch(k.Name), request{action, arn, m.inside(k)}
	m.asks(read, "may read everything in "+k.Name+" from inside the network", k.on, nil, append([]request{within}, opening...)...)
	m.public(k, read, within, opening)
	for _, x := range m.insiders() {
		m.add(depth.Step{
			Gives: ground.Hold(k.Name, x.name), Needs: []depth.Capability{x.at, ground.Connect(k.Name, x.name), read},
			Says: "reads everything in " + k.Name + " from " + x.name, At: k.on.Meta().Pos,
		})
	}
}

// fetch is to be let in by AWS to read a store, for requests from inside the
// network. Given and needed by this layer alone.
func fetch(store string) depth.Capability { return depth.Capability{Kind: "fetch", Of: store} }

// insider is a place inside the network, and what it is to be there.
type insider struct {
	name string
	at   depth.Capability
	node bool
}

func (m *moves) insiders() []insider {
	var out []insider
	for _, w := range m.g.Workloads {
		out = append(out, insider{w.Name, ground.Run(w.Name), false})
	}
	for _, n := range m.g.Nodes {
		out = append(out, insider{n.Name, ground.OnNode(n.Name), true})
	}
	return out
}

// readingOf is what reads all of a store that has an API only.
func readingOf(k *target) (service, action, arn string) {
	switch k.on.(type) {
	case *estate.Table:
		return "dynamodb", "dynamodb:Scan", k.arn
	case *estate.Queue:
		return "sqs", "sqs:ReceiveMessage", k.arn
	}
	return "s3", "s3:GetObject", k.arn + "/*"
}

// inside is the context of a request from inside the network, in the words of
// the store's own policy: a request has the VPC and the endpoint that it asks
// for.
func (m *moves) inside(k *target) iam.Context {
	out := iam.Context{}
	for _, p := range m.policiesOf(k.on) {
		for _, s := range p.Statements {
			for _, c := range s.Conditions {
				if (c.Key == "aws:sourcevpc" || c.Key == "aws:sourcevpce") && len(c.Values) > 0 {
					out[c.Key] = iam.One(named(c.Values[0]))
				}
			}
		}
	}
	return out
}

// named writes the id of a resource that only AWS knows as the engine iam does.
func named(value string) string {
	if inner, ok := strings.CutPrefix(value, "${"); ok && strings.HasSuffix(inner, "}") {
		inner = strings.TrimSuffix(inner, "}")
		return "(" + strings.TrimSuffix(inner, ".id") + ")"
	}
	return value
}

func (m *moves) policiesOf(r estate.Resource) []*estate.Policy {
	var out []*estate.Policy
	id := r.Meta().ID
	switch r := r.(type) {
	case *estate.Bucket:
		for _, p := range policiesOf(m.e, r) {
			out = append(out, p.Policy)
		}
	case *estate.Table:
		for _, p := range estate.Of[*estate.TablePolicy](m.e, id) {
			out = append(out, &p.Policy)
		}
	case *estate.Queue:
		out = append(out, &r.Policy)
		for _, p := range estate.Of[*estate.QueuePolicy](m.e, id) {
			out = append(out, &p.Policy)
		}
	}
	return out
}

// public adds that everybody may read a bucket. S3 answers no anonymous request
// for an object that is sealed under a KMS key; whoever has an identity of the
// account's needs the key then, and nothing else.
func (m *moves) public(k *target, gives depth.Capability, r request, opening []request) {
	anybody, err := m.g.IAM.Principal("anonymous")
	if _, ok := k.on.(*estate.Bucket); !ok || err != nil {
		return
	}
	at := k.on.Meta().Pos
	open := m.private(k, m.g.Permit(anybody, r.action, r.arn, r.with).Stops)
	if k.key == nil {
		m.add(depth.Step{Gives: gives, Stops: open, Says: "reads everything in " + k.Name + ", which is public", At: at})
	}
	// The organisation's policies keep strangers out, and not those of the account.
	own := m.private(k, m.g.PermitAdmin(r.action, r.arn, r.with).Stops)
	for _, s := range open {
		if s.Control == s3Private.ID {
			own = append(own, s)
		}
	}
	for _, p := range m.who {
		if g := m.permitted(p, opening...); !g.Never {
			m.add(depth.Step{
				Gives: gives, Needs: []depth.Capability{ground.Act(p.Name)}, Stops: unique(slices.Concat(own, g.Stops)),
				Says: "reads everything in " + k.Name + ", which is public, as " + p.Name, At: at,
			})
		}
	}
}

// private leaves out that anybody lacks a policy of his own, and lists the guard
// as missing where nothing of it stops.
func (m *moves) private(k *target, stops []depth.Stop) []depth.Stop {
	on := k.on.Meta()
	out := slices.DeleteFunc(slices.Clone(stops), func(s depth.Stop) bool { return s.Control == "identity.least-privilege" })
	return unique(append(out, depth.Stop{Guard: depth.Guard{Control: s3Private.ID, On: on.ID.Addr}, At: on.Pos, Says: "the bucket lets in everybody"}))
}

// share adds how a copy of a store is shared with another account: a snapshot
// that is copied under a key of the thief's, for which he needs the rights of
// the key that it is under. Under AWS's default key every principal of the
// account has them (Amazon RDS User Guide, "Sharing a DB snapshot").
func (m *moves) share(k *target) {
	var rs []request
	service := "rds"
	switch k.on.(type) {
	case *estate.DBCluster:
		snapshot := strings.Replace(k.arn, ":cluster:", ":cluster-snapshot:", 1) + "-copy"
		rs = []request{{"rds:CreateDBClusterSnapshot", k.arn, nil}, {"rds:ModifyDBClusterSnapshotAttribute", snapshot, nil}}
	case *estate.DBInstance:
		snapshot := strings.Replace(k.arn, ":db:", ":snapshot:", 1) + "-copy"
		rs = []request{{"rds:CreateDBSnapshot", k.arn, nil}, {"rds:ModifyDBSnapshotAttribute", snapshot, nil}}
	default:
		return
	}
	gives := ground.Hold(k.Name, ground.Outside)
	says := "shares a snapshot of " + k.Name + " with an account of his own,"
	if k.key == nil {
		m.asks(gives, says, k.on, m.sealedAtRest(k), rs...)
		return
	}
	m.asks(gives, says, k.on, nil, append(slices.Clone(rs), m.opening(k, service, "kms:CreateGrant")...)...)
	if at := m.sealedAtRest(k); len(at) > 0 {
		m.asks(gives, says, k.on, at, rs...)
	}
}

// sealedAtRest is the guard that a store is under a key of the customer's.
func (m *moves) sealedAtRest(k *target) []depth.Stop {
	if s, ok := m.atRest[k.on.Meta().ID]; ok {
		return []depth.Stop{s}
	}
	return nil
}

// take adds that what is held somewhere, and can be read, is carried away
// before somebody stops it.
func (m *moves) take(k *target) {
	for _, x := range m.insiders() {
		m.add(depth.Step{
			Gives: ground.Take(k.Name),
			Needs: []depth.Capability{ground.Hold(k.Name, x.name), ground.Unseal(k.Name), ground.Out(x.name), ground.QuietPods, ground.QuietAWS},
			Says:  "carries what " + k.Name + " holds away from " + x.name, At: k.on.Meta().Pos,
		})
	}
	m.add(depth.Step{
		Gives: ground.Take(k.Name),
		Needs: []depth.Capability{ground.Hold(k.Name, ground.Outside), ground.Unseal(k.Name), ground.QuietAWS},
		Says:  "has taken what " + k.Name + " holds, before anybody stops it", At: k.on.Meta().Pos,
	})
	for _, d := range k.Holds {
		m.add(depth.Step{
			Gives: ground.TakeData(d), Needs: []depth.Capability{ground.Take(k.Name)},
			Says: "finds " + d + " in what " + k.Name + " holds", At: k.on.Meta().Tags.Pos(),
		})
	}
}

// spill adds that card numbers lie in the logs of those who handle them, for
// everybody who may read logs.
func (m *moves) spill() {
	found := map[estate.ID]*control.Result{}
	results := cardLogs(m.e)
	for i := range results {
		found[results[i].On.Meta().ID] = &results[i]
	}
	for _, d := range m.cards() {
		for _, w := range m.g.Workloads {
			pods := w.Pods()
			if pods == nil || !handlesCards(words(pods.Name), objectClass(&pods.Object)) {
				continue
			}
			stop := depth.Stop{
				Guard: depth.Guard{Control: cardTokens.ID, On: pods.ID.Addr}, State: depth.Standing, At: pods.Pos,
				Says: "nothing switches on that " + w.Name + " writes what it receives to its log",
			}
			if r := found[pods.ID]; r != nil {
				stop.State, stop.At, stop.Says = depth.Missing, r.At, r.Summary
			}
			m.asksLogs(d, w, stop)
		}
	}
}

func (m *moves) asksLogs(data string, w *ground.Workload, stop depth.Stop) {
	account, _ := m.g.IAM.Account()
	arn := "arn:aws:logs:*:" + account + ":log-group:/aws/containerinsights/*"
	through := depth.Capability{Kind: "logs", Of: w.Name}
	m.asks(through, "reads the log of "+w.Name, w.Place.Of, nil, request{"logs:FilterLogEvents", arn, nil})
	m.add(depth.Step{
		Gives: ground.TakeData(data), Needs: []depth.Capability{through, ground.QuietAWS}, Stops: []depth.Stop{stop},
		Says: "finds " + data + " in the log of " + w.Name, At: w.Place.Of.Meta().Pos,
	})
}

// cards are the kinds of data that stores of card numbers hold.
func (m *moves) cards() []string {
	var out []string
	for _, s := range m.g.Stores {
		if isCardholder(s.Class) {
			out = append(out, s.Holds...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
