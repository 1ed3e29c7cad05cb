package data

import (
	"slices"
	"strings"

	"fathom/estate"
)

// bucketFact is what the rest of the estate, and its name and tags, tell of a
// bucket.
type bucketFact struct {
	// logs and assets say that it holds only logs, or only what can be built
	// again; sseS3Only that what writes to it can do without a KMS key only.
	logs, assets, sseS3Only bool
	// critical says why its objects must not be lost, or "".
	critical string
}

// bucketFacts looks at every bucket, and at everything that writes to one.
func bucketFacts(e *estate.Estate) map[estate.ID]bucketFact {
	facts := map[estate.ID]bucketFact{}
	for _, b := range estate.All[*estate.Bucket](e) {
		facts[b.ID] = factOf(b)
	}
	mark := func(ids []estate.ID, f func(*bucketFact)) {
		for _, id := range ids {
			if fact, ok := facts[id]; ok {
				f(&fact)
				facts[id] = fact
			}
		}
	}
	logs := func(f *bucketFact) { f.logs = true }
	plain := func(f *bucketFact) { f.logs, f.sseS3Only = true, true }
	for _, l := range estate.All[*estate.LoadBalancer](e) {
		for _, a := range l.AccessLogs.Items {
			mark(a.Bucket.To, plain)
		}
	}
	for _, l := range estate.All[*estate.BucketLogging](e) {
		mark(l.Target.To, plain)
	}
	for _, b := range estate.All[*estate.Bucket](e) {
		for _, l := range b.Logging.Items {
			mark(l.Bucket.To, plain)
		}
	}
	for _, l := range estate.All[*estate.FlowLog](e) {
		mark(l.Destination.To, logs)
	}
	for _, l := range estate.All[*estate.WebACLLogging](e) {
		mark(l.Destinations.To(), logs)
	}
	for _, t := range estate.All[*estate.Trail](e) {
		mark(t.Bucket.To, func(f *bucketFact) { f.logs, f.critical = true, "the CloudTrail log" })
	}
	for _, d := range estate.All[*estate.ConfigDelivery](e) {
		// Not critical: AWS Config does not deliver to a bucket with a default
		// retention (AWS Config Developer Guide, "Managing the Delivery Channel").
		mark(d.Bucket.To, logs)
	}
	return facts
}

// critical are the words of a name, and what they say is in the bucket.
var critical = []struct{ word, holds string }{
	{"invoice", "invoices"},
	{"invoices", "invoices"},
	{"backup", "backups"},
	{"backups", "backups"},
	{"audit", "audit records"},
	{"cloudtrail", "the CloudTrail log"},
	{"trail", "audit records"},
	{"vault", "card data"},
	{"pan", "card data"},
	{"cardholder", "card data"},
	{"ledger", "the ledger"},
	{"forensic", "evidence"},
	{"forensics", "evidence"},
	{"evidence", "evidence"},
}

func factOf(b *estate.Bucket) bucketFact {
	w := wordsOf(b.BucketName, b.Meta())
	if !b.Prefix.Absent() {
		w = append(w, words(b.Prefix.String())...)
	}
	class, _ := classOf(b.Tags).Known()
	f := bucketFact{
		logs:   anyWord(w, "log", "logs", "logging", "accesslogs", "flowlogs", "cloudtrail"),
		assets: anyWord(w, "asset", "assets", "static", "cdn", "images", "media", "website", "web", "frontend", "artifact", "artifacts", "cache", "tmp", "temp", "scratch"),
	}
	if isPublic(class) {
		f.assets = true
	}
	for _, c := range critical {
		if slices.Contains(w, c.word) {
			f.critical = c.holds
			break
		}
	}
	switch {
	case f.critical != "":
	case isCardholder(class):
		f.critical = "card data"
	case anyWord(w, "archive") && f.logs:
		f.critical = "archived logs"
	case anyWord(words(class), "audit", "backup", "critical"):
		f.critical = "data of class " + class
	case crownJewel(b.Tags):
		f.critical = "a crown jewel"
	}
	if f.critical != "" {
		f.assets = false
	}
	return f
}

// crownJewel says whether a tag names the resource a crown jewel:
// fathom.dev/crown-jewel = true.
func crownJewel(tags estate.Map) bool {
	for k, v := range tags.Items {
		if strings.HasSuffix(strings.ToLower(k), "crown-jewel") && v.In("", "false", "no") != estate.Yes {
			return true
		}
	}
	return false
}
