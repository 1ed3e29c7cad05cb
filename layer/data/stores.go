package data

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/estate"
)

// store is a resource that keeps business data.
type store struct {
	estate.Resource
	kind string
	name estate.Str
}

// String is what a report calls it.
func (s store) String() string { return control.Named(s.kind, s.name, s.Meta()) }

// stores are all of them. Queues, topics and log groups pass data on or tell
// of it and are not counted; a read replica is part of its source.
func stores(e *estate.Estate) []store {
	var out []store
	for _, r := range estate.All[*estate.DBCluster](e) {
		out = append(out, store{r, "database cluster", r.Identifier})
	}
	for _, r := range estate.All[*estate.DBInstance](e) {
		if r.ReplicaOf.Absent() {
			out = append(out, store{r, "database", r.Identifier})
		}
	}
	for _, r := range estate.All[*estate.CacheGroup](e) {
		out = append(out, store{r, "cache", r.GroupID})
	}
	for _, r := range estate.All[*estate.CacheCluster](e) {
		if r.Group.Absent() {
			out = append(out, store{r, "cache", r.ClusterID})
		}
	}
	for _, r := range estate.All[*estate.Stream](e) {
		out = append(out, store{r, "Kafka cluster", r.ClusterName})
	}
	for _, r := range estate.All[*estate.Table](e) {
		out = append(out, store{r, "table", r.TableName})
	}
	for _, r := range estate.All[*estate.Bucket](e) {
		out = append(out, store{r, "bucket", r.BucketName})
	}
	for _, r := range estate.All[*estate.FileSystem](e) {
		out = append(out, store{r, "file system", estate.Str{}})
	}
	for _, r := range estate.All[*estate.Search](e) {
		out = append(out, store{r, "search domain", r.Domain})
	}
	for _, r := range estate.All[*estate.Redshift](e) {
		out = append(out, store{r, "warehouse", r.ClusterID})
	}
	return out
}

// classKeys are the tags, labels and annotations that hold a data class, in
// small letters and without separators or prefix: data-class, DataClass,
// fathom.dev/data-class, Data-Classification.
var classKeys = []string{"dataclass", "dataclassification", "classification", "data", "datacategory", "datasensitivity", "sensitivity", "informationclassification"}

var separators = strings.NewReplacer("-", "", "_", "", ".", "", " ", "")

func isClassKey(key string) bool {
	key = separators.Replace(strings.ToLower(key[strings.LastIndexAny(key, "/:")+1:]))
	return slices.Contains(classKeys, key)
}

// classOf is the data class that tags give: absent when they give none,
// unknown when they are.
func classOf(tags estate.Map) estate.Str {
	var keys []string
	for k := range tags.Items {
		if isClassKey(k) {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return tags.Get("data-class")
	}
	return tags.Items[slices.Min(keys)]
}

// isCardholder says whether a class means card numbers.
func isCardholder(class string) bool {
	return anyWord(words(class), "cardholder", "card", "cards", "pan", "pci", "chd")
}

// isPersonal says whether a class means data about people that the law or a
// contract protects, card numbers among them.
func isPersonal(class string) bool {
	return isCardholder(class) || anyWord(words(class), "personal", "pii", "phi", "gdpr", "customer", "health", "sensitive", "restricted")
}

func isPublic(class string) bool { return anyWord(words(class), "public") }

// regionOf is the region a resource is in: its own argument, or that of its
// provider. It is absent where the files leave it to the environment.
func regionOf(e *estate.Estate, r estate.Resource) estate.Str {
	b := r.Meta()
	if !b.Region.Absent() {
		return b.Region
	}
	name := b.Provider
	if name == "" {
		name = "aws"
	}
	if p, ok := estate.Get[*estate.Provider](e, estate.ID{Root: b.ID.Root, Addr: `provider["` + name + `"]`}); ok {
		return p.Region
	}
	return estate.Str{}
}

// sameRegion says whether two resources are in one region. Two of one provider
// are, also where its region is not known.
func sameRegion(e *estate.Estate, a, b estate.Resource) estate.Truth {
	x, y := a.Meta(), b.Meta()
	if x.Region.Absent() && y.Region.Absent() && x.ID.Root == y.ID.Root && x.Provider == y.Provider {
		return estate.Yes
	}
	ra, okA := regionOf(e, a).Known()
	rb, okB := regionOf(e, b).Known()
	switch {
	case !okA || !okB:
		return estate.Maybe
	case ra == rb:
		return estate.Yes
	}
	return estate.No
}
