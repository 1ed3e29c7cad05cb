package access

import (
	"strings"

	"sigs.k8s.io/yaml"

	"fathom/control"
	"fathom/estate"
)

var sessionAudit = control.Control{
	ID:       "access.session-audit",
	Title:    "Sessions recorded to CloudWatch and S3, encrypted, tamper-evident",
	Why:      "What an intruder typed with a person's access can be neither found nor proved",
	Threats:  []control.Threat{control.AccountTakeover, control.Exfiltration},
	Phase:    control.QuickWin,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 10.2.1", "HIPAA 164.312(b)"},
	Check:    checkSessionAudit,
	Aside:    "what was typed is looked at afterwards: it stops nobody while he types",
}

// preferences is the document that holds Session Manager's settings of an
// account and region (Systems Manager User Guide, "Session document schema").
const preferences = "SSM-SessionManagerRunShell"

// checkSessionAudit judges the documents that begin shells. That a session was
// begun is in CloudTrail by itself; what was done in it only these documents
// have recorded.
func checkSessionAudit(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, d := range estate.All[*estate.SSMDocument](e) {
		if d.Document.Is(preferences) != estate.No || d.Kind.Is("Session") == estate.Yes {
			if r, shell := judgeDocument(e, d); shell {
				out = append(out, r)
			}
		}
	}
	if len(out) > 0 || !machines(e) {
		return out
	}
	return control.Nowhere(e, control.Mistake{
		Summary: "shells are not recorded: there are machines, and no session document " + preferences,
		Fix:     "add aws_ssm_document " + preferences + " of type Session with s3BucketName or cloudWatchLogGroupName, both encrypted, and kmsKeyId",
	})
}

// machines says whether there is anything to open a shell on.
func machines(e *estate.Estate) bool {
	return len(estate.All[*estate.Instance](e))+len(estate.All[*estate.NodeGroup](e))+len(estate.All[*estate.LaunchTemplate](e))+len(estate.All[*estate.LaunchConfiguration](e)) > 0
}

// session is the content of a session document.
type session struct {
	SessionType string `json:"sessionType"`
	Inputs      struct {
		Bucket            string `json:"s3BucketName"`
		BucketEncrypted   any    `json:"s3EncryptionEnabled"`
		LogGroup          string `json:"cloudWatchLogGroupName"`
		LogGroupEncrypted any    `json:"cloudWatchEncryptionEnabled"`
		Key               string `json:"kmsKeyId"`
	} `json:"inputs"`
}

func judgeDocument(e *estate.Estate, d *estate.SSMDocument) (control.Result, bool) {
	text := d.Content.String()
	var s session
	switch err := yaml.Unmarshal([]byte(text), &s); {
	case err != nil && d.Content.Unknown():
		return control.Unsure(d, d.Content.Pos(), "the session document is not known: "+d.Content.Why()), true
	case err != nil:
		return control.Unsure(d, d.Content.Pos(), "the session document cannot be read: "+err.Error()), true
	}
	if s.SessionType != "" && s.SessionType != "Standard_Stream" {
		return control.Result{}, false // tunnels and single commands are not recorded in any case
	}
	m := control.Mistake{At: d.Content.Pos()}
	if s.Inputs.Bucket == "" && s.Inputs.LogGroup == "" {
		m.Summary = d.ID.Addr + " records sessions nowhere"
		m.Fix = "set s3BucketName or cloudWatchLogGroupName in inputs, with s3EncryptionEnabled or cloudWatchEncryptionEnabled true"
		return control.Not(d, m), true
	}
	var flaws, fixes []string
	flaw := func(is bool, what, fix string) {
		if is {
			flaws, fixes = append(flaws, what), append(fixes, fix)
		}
	}
	flaw(s.Inputs.Bucket != "" && !yes(s.Inputs.BucketEncrypted), "accepts a bucket without encryption", "set s3EncryptionEnabled to true")
	flaw(s.Inputs.LogGroup != "" && !yes(s.Inputs.LogGroupEncrypted), "accepts a log group without encryption", "set cloudWatchEncryptionEnabled to true")
	flaw(s.Inputs.Key == "", "encrypts the session itself with no key of the account", "set kmsKeyId")
	flaw(s.Inputs.LogGroup == "" && erasable(e, d, s.Inputs.Bucket), "records to a bucket whose objects can be deleted", "give the bucket Object Lock")
	if len(flaws) == 0 {
		return control.Is(d, control.Evidence{At: d.Content.Pos(), Saw: strings.TrimSpace("records to " + s.Inputs.Bucket + " " + s.Inputs.LogGroup)}), true
	}
	m.Severity = control.Low
	m.Summary = d.ID.Addr + " " + strings.Join(flaws, " and ")
	m.Fix = strings.Join(fixes, ", ")
	return control.Partly(d, m), true
}

func yes(v any) bool { return v == true || v == "true" }

// erasable says whether a bucket that was read has no Object Lock.
func erasable(e *estate.Estate, d *estate.SSMDocument, bucket string) bool {
	for _, b := range estate.All[*estate.Bucket](e) {
		ref := strings.HasPrefix(bucket, "${"+b.ID.Addr+".") && b.ID.Root == d.ID.Root
		if ref || b.BucketName.Is(bucket) == estate.Yes {
			return b.LockEnabled.Is(true) == estate.No && b.Lock.Any() == estate.No && len(estate.Of[*estate.BucketLock](e, b.ID)) == 0
		}
	}
	return false
}
