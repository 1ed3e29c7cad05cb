package platform

import (
	"cmp"
	"slices"
	"strings"
)

func dataOf(name string, n *node) Data {
	return Data{
		Name: name, Class: Class(n.get("class").text), Tokenise: n.get("tokenise").text,
		EraseBy: n.get("erase", "by").text, EraseWithin: n.get("erase", "within").span, Keep: n.get("keep").span,
	}
}

func serviceOf(name string, n *node) Service {
	s := Service{
		Name: name, Image: imageOf(n.get("image").text), Run: n.get("run").text, Owner: n.get("owner").text,
		Namespace: n.get("namespace").text, Port: cmp.Or(n.get("port").num, 8080), Protocol: n.get("protocol").or("http"),
		Health: n.get("health").or("/healthz"), Replicas: n.get("replicas").between(Range{2, 10}),
		CPU: n.get("cpu").or("250m"), Memory: n.get("memory").or("256Mi"),
		Handles: sorted(n.get("handles").texts()), Isolate: n.get("isolate").yes(), SessionTags: n.get("sessionTags").yes(),
	}
	for _, e := range n.get("calls").byName() {
		c := Call{To: e.key}
		for _, text := range sorted(e.val.texts()) {
			c.Requests = append(c.Requests, requestOf(text))
		}
		s.Calls = append(s.Calls, c)
	}
	for _, e := range n.get("stores").byName() {
		s.Stores = append(s.Stores, Use{
			Store: e.key, Access: e.val.text,
			Produce: sorted(e.val.get("produce").texts()), Consume: sorted(e.val.get("consume").texts()),
		})
	}
	for _, text := range n.get("aws").texts() {
		s.AWS = append(s.AWS, permissionOf(text))
	}
	slices.SortFunc(s.AWS, func(a, b Permission) int { return strings.Compare(a.Text, b.Text) })
	for _, x := range n.get("egress").items {
		s.Egress = append(s.Egress, Egress{Host: x.get("host").text, Port: x.get("port").num, Addresses: sorted(x.get("addresses").texts())})
	}
	slices.SortStableFunc(s.Egress, func(a, b Egress) int { return cmp.Or(strings.Compare(a.Host, b.Host), cmp.Compare(a.Port, b.Port)) })
	return s
}

// requestOf parts "POST /charge"; a request that begins with a slash has every
// method, and one without a path every path.
func requestOf(text string) Request {
	if strings.HasPrefix(text, "/") {
		return Request{Path: text}
	}
	method, path, _ := strings.Cut(text, " ")
	return Request{method, path}
}

// permissionOf parts "ACTIONS on TARGET".
func permissionOf(text string) Permission {
	perm := Permission{Text: text}
	i := strings.LastIndex(text, " on ")
	if i < 0 {
		return perm
	}
	for a := range strings.SplitSeq(text[:i], ",") {
		perm.Actions = append(perm.Actions, strings.TrimSpace(a))
	}
	target := strings.TrimSpace(text[i+len(" on "):])
	if strings.HasPrefix(target, "arn:") {
		perm.ARN = target
		return perm
	}
	perm.On, perm.Path, _ = strings.Cut(target, "/")
	return perm
}

func storeOf(name string, n *node) Store {
	s := Store{
		Name: name, Engine: Engine(n.get("engine").text), Owner: n.get("owner").text,
		Holds: sorted(n.get("holds").texts()), Key: n.get("key").or("shared"), Isolate: n.get("isolate").yes(),
		Backup: Backup{Every: n.get("backup", "every").span, Keep: n.get("backup", "keep").span, Immutable: n.get("backup", "immutable").span},
		Lock:   Lock{Mode: n.get("lock", "mode").text, Keep: n.get("lock", "keep").span},
		Keep:   n.get("keep").span, Version: n.get("version").text, Size: n.get("size").text,
	}
	for _, e := range n.get("topics").byName() {
		s.Topics = append(s.Topics, Topic{Name: e.key, Keep: e.val.get("keep").lasting(7 * day), Partitions: cmp.Or(e.val.get("partitions").num, 3)})
	}
	return s
}
