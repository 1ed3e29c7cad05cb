package access

import (
	_ "embed" // the table of AWS-managed policies
	"encoding/json"
	"slices"
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
	// ReadsBut stands in place of AtMost for a policy that only reads settings:
	// it grants nothing that changes anything, and not these.
	ReadsBut []string
}

// ceiling is what a policy that only reads can grant at most: everything but
// what changes something in the services that matter here, and what ReadsBut
// names. Of other services nothing is said.
func (p *managedPolicy) ceiling() json.RawMessage {
	if p.ReadsBut == nil {
		return p.AtMost
	}
	not := slices.Clone(p.ReadsBut)
	for _, service := range changed {
		for _, verb := range changing {
			not = append(not, service+":"+verb+"*")
		}
	}
	text, err := json.Marshal(map[string]any{
		"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "NotAction": not, "Resource": "*"},
	})
	if err != nil {
		panic(err) // strings alone
	}
	return text
}

// changed are services in which a change matters, and changing how the names of
// actions begin that change, run or hand out something.
var (
	changed = strings.Fields(`acm-pca backup cloudformation cloudtrail cloudwatch config dynamodb ec2 ecr ecs eks elasticache
		events guardduty iam kafka kms lambda logs organizations rds s3 scheduler secretsmanager securityhub sns sqs ssm states sts wafv2`)
	changing = strings.Fields(`Abort Accept Add Apply Associate Assume Attach Authorize BatchDelete BatchPut BatchWrite Bypass Cancel Change Complete Copy Create
		Deactivate Decrypt Delete Deregister Detach Disable Disassociate Enable Encrypt Execute Export Generate Import Initiate Invoke Issue
		Leave Modify Move Pass Publish Purge Put ReEncrypt Register Reject Remove Replace Replicate Request Reset Restore Resume Retire
		Revoke Rotate Run Schedule Send Set Share Sign Start Stop Subscribe Tag Terminate Unsubscribe Untag Update Upload`)
)

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
	case p.ceiling() != nil:
		compile(d, string(p.Document), iam.Identity, &open{})
		most := &document{place: place, policy: name, holder: holder, at: at}
		compile(most, string(p.ceiling()), iam.Identity, &open{})
		d.upper = &reading{doc: most.lower.doc, index: []int{-1}, of: d}
		d.doubts = append(d.doubts, Doubt{at, "AWS's policy " + name + " is in Fathom's table only in part"})
		d.fixed = true
	default:
		compile(d, string(p.Document), iam.Identity, &open{})
		d.fixed = true
	}
	return d
}
