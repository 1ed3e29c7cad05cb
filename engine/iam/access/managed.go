package access

import (
	_ "embed" // the table of AWS-managed policies
	"encoding/json"
	"strings"
	"sync"

	"fathom/diag"
	"fathom/engine/iam"
	"fathom/estate"
)

// managedJSON are AWS's own managed policies, each with its version and the
// day of that version, as AWS shows them (aws iam get-policy-version; read on
// 2026-11-22 in the public archive of them, github.com/zoph-io/MAMIP). One that
// is not here, such as one that AWS has made since, is unknown by name. "atMost"
// is what one that is shortened here can grant: it is unknown in between.
//
//go:embed managed.json
var managedJSON []byte

type managedPolicy struct {
	Version, Date string
	Path          string
	Document      json.RawMessage
	AtMost        json.RawMessage
}

var managedPolicies = sync.OnceValue(func() map[string]managedPolicy {
	var m map[string]managedPolicy
	if err := json.Unmarshal(managedJSON, &m); err != nil {
		panic(err)
	}
	return m
})

// managedByAWS makes the document of an AWS-managed policy, by its ARN.
func managedByAWS(arn, place string, holder estate.Resource, at diag.Pos) *document {
	_, path, _ := strings.Cut(arn, ":policy/")
	name := path[strings.LastIndexByte(path, '/')+1:]
	d := &document{place: place, holder: holder, policy: name, at: at}
	p, ok := managedPolicies()[name]
	doubt := Doubt{at, "what AWS's policy " + name + " grants is not in Fathom's table"}
	switch {
	case !ok && (strings.HasPrefix(name, "AWSCompromisedKeyQuarantine") || strings.HasPrefix(name, "AWSDeny")):
		unknown(d, iam.Identity, doubt) // these deny
	case !ok:
		harmless(d, doubt)
	case p.AtMost != nil:
		compile(d, string(p.Document), iam.Identity, &open{})
		most := &document{place: place, policy: name, holder: holder, at: at}
		compile(most, string(p.AtMost), iam.Identity, &open{})
		d.upper = &reading{doc: most.lower.doc, index: []int{-1}, of: d}
		d.doubts = append(d.doubts, Doubt{at, "AWS's policy " + name + " is in Fathom's table only in part"})
		d.fixed = true
	default:
		compile(d, string(p.Document), iam.Identity, &open{})
		d.fixed = true
	}
	return d
}
