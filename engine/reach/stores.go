package reach

import (
	"regexp"
	"strings"

	"fathom/estate"
)

// stores returns the data stores of an estate: a cluster and its instances are
// one, so are a replication group and its members.
func stores(e *estate.Estate) []place {
	var out []place
	for _, r := range e.Resources {
		switch s := r.(type) {
		case *estate.DBInstance:
			out = append(out, newPlace(Store, s, s.Identifier))
		case *estate.DBCluster:
			out = append(out, newPlace(Store, s, s.Identifier, members(e, s.ID)...))
		case *estate.CacheGroup:
			out = append(out, newPlace(Store, s, s.GroupID))
		case *estate.CacheCluster:
			if s.Group.Absent() {
				out = append(out, newPlace(Store, s, s.ClusterID))
			}
		case *estate.Stream:
			out = append(out, newPlace(Store, s, s.ClusterName))
		case *estate.Search:
			out = append(out, newPlace(Store, s, s.Domain))
		case *estate.Redshift:
			out = append(out, newPlace(Store, s, s.ClusterID))
		case *estate.Bucket:
			out = append(out, newPlace(Store, s, s.BucketName))
		case *estate.Table:
			out = append(out, newPlace(Store, s, s.TableName))
		case *estate.Queue:
			out = append(out, newPlace(Store, s, s.QueueName))
		case *estate.FileSystem:
			out = append(out, newPlace(Store, s, estate.Str{}))
		}
	}
	records := recordsOf(e)
	for i := range out {
		for _, rec := range records {
			if rec.pointsAt(&out[i]) {
				out[i].known(rec.label, rec.name)
			}
		}
	}
	return out
}

// members are the instances of a cluster, which are the same store.
func members(e *estate.Estate, cluster estate.ID) []estate.Resource {
	var out []estate.Resource
	for _, m := range estate.Of[*estate.DBClusterInstance](e, cluster) {
		out = append(out, m)
	}
	return out
}

// awsService is the AWS service whose API a store is used through, as VPC
// endpoints name it, and "" for a store with network interfaces of its own.
func awsService(r estate.Resource) string {
	switch r.(type) {
	case *estate.Bucket:
		return "s3"
	case *estate.Table:
		return "dynamodb"
	case *estate.Queue:
		return "sqs"
	}
	return ""
}

// record is a DNS record that points at something by a name.
type record struct {
	id          estate.ID
	name, label string   // orders-db.shopnow.internal, orders-db
	targets     []string // what it points at, as written
	root        string   // the configuration that the expressions in them are of
	of          []estate.ID
}

func recordsOf(e *estate.Estate) []record {
	var out []record
	for _, r := range estate.All[*estate.DNSRecord](e) {
		name, ok := r.Record.Known()
		if !ok {
			continue
		}
		name = strings.TrimSuffix(name, ".")
		label, _, _ := strings.Cut(name, ".")
		rec := record{id: r.ID, name: name, label: label, root: r.ID.Root}
		for _, v := range r.Values.Items {
			rec.targets = append(rec.targets, v.String())
		}
		for i := range r.Alias.Items {
			rec.of = append(rec.of, r.Alias.Items[i].Name.To...)
		}
		out = append(out, rec)
	}
	return out
}

// expression matches what a value is made from: ${aws_db_instance.a.address}.
var expression = regexp.MustCompile(`^\$\{(.+)\.[a-z_]+(\[[0-9]+\])?(\.[a-z_]+)?\}`)

// pointsAt says whether the record leads to the place: by an expression that
// names its resource, or by a DNS name of AWS that begins with its identifier,
// as plans and states show it (orders.cluster-c9akciq32.eu-west-1.rds.amazonaws.com).
func (r *record) pointsAt(p *place) bool {
	for _, id := range r.of {
		if p.stands(id) {
			return true
		}
	}
	for _, t := range r.targets {
		if m := expression.FindStringSubmatch(t); m != nil {
			for _, of := range p.resources() {
				id := of.Meta().ID
				if id.Root == r.root && (m[1] == id.Addr || strings.HasPrefix(t, "${"+id.Addr+".")) {
					return true
				}
			}
			continue
		}
		if p.identifier == "" || !strings.HasSuffix(strings.TrimSuffix(t, "."), ".amazonaws.com") {
			continue
		}
		labels := strings.Split(t, ".")
		if len(labels) > 2 && (labels[0] == p.identifier || labels[1] == p.identifier && (labels[0] == "master" || labels[0] == "clustercfg")) {
			return true
		}
	}
	return false
}
