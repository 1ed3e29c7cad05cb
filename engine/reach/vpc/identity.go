package vpc

import (
	"strconv"
	"strings"

	"fathom/estate"
)

// identity names what a reference means, so that two references can be
// compared: an address of the estate, an id that somebody wrote, or an
// expression without a value. doubt is why it may be another one than it says;
// "" when it is certain.
type identity struct {
	key, doubt string
}

// identify is the identity of a reference that stands in the configuration
// root, to something that is not in the estate.
func identify(s estate.Str, root string) identity {
	if text, ok := s.Known(); ok {
		return identity{key: "text " + text}
	}
	if s.Absent() {
		return identity{}
	}
	why := or(s.Why(), "its value is not known")
	text := s.String()
	if text == "unknown" || strings.Contains(text, "${…}") {
		return identity{doubt: why}
	}
	return identity{key: "expression " + root + " " + text, doubt: why}
}

func keyOf(id estate.ID) string { return "resource " + id.Root + " " + id.Addr }

// called is what people call a resource: its kind with its name in quotes, or
// with its address where it has no name.
func called(kind string, r estate.Resource) string { return kind + " " + nameOf(r) }

// nameOf is a resource's name in quotes, or its address: the name that AWS
// shows, otherwise its Name tag.
func nameOf(r estate.Resource) string {
	var name estate.Str
	switch r := r.(type) {
	case *estate.SecurityGroup:
		name = r.GroupName
	case *estate.DBInstance:
		name = r.Identifier
	case *estate.DBCluster:
		name = r.Identifier
	case *estate.CacheGroup:
		name = r.GroupID
	case *estate.CacheCluster:
		name = r.ClusterID
	case *estate.Stream:
		name = r.ClusterName
	case *estate.Search:
		name = r.Domain
	case *estate.Redshift:
		name = r.ClusterID
	case *estate.Lambda:
		name = r.Function
	case *estate.EKSCluster:
		name = r.ClusterName
	case *estate.NodeGroup:
		name = r.Group
	case *estate.ECSService:
		name = r.ServiceName
	case *estate.AutoScalingGroup:
		name = r.GroupName
	case *estate.ClassicLB:
		name = r.LBName
	case *estate.PrefixList:
		name = r.ListName
	}
	if s, ok := name.Known(); ok {
		return strconv.Quote(s)
	}
	if s, ok := r.Meta().Tags.Get("Name").Known(); ok && s != "" {
		return strconv.Quote(s)
	}
	if r, ok := r.(*estate.LoadBalancer); ok {
		for _, k := range r.Keys { // its name, where that is all it is known by
			if !strings.ContainsAny(k, ":.") {
				return strconv.Quote(k)
			}
		}
	}
	return r.Meta().ID.Addr
}

// list joins names: "a", "a and b", "a, b and c".
func list(names []string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
