package data

import (
	"fathom/control"
	"fathom/estate"
)

var discovery = control.Control{
	ID:       "data.discovery",
	Title:    "Personal and card data are found where they should not be",
	Why:      "An export, a debug log or a copied dump with card numbers lies in a forgotten bucket, and the first to find it is somebody else",
	Threats:  []control.Threat{control.Exfiltration},
	Phase:    control.QuickWin,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 12.5.2", "PCI DSS 4.0.1 12.10.7", "GDPR 30", "CIS AWS 7.0 3.1"},
	Check:    checkDiscovery,
	Aside:    "it is seen afterwards: it finds where data has come to lie, and takes it from nobody",
}

// checkDiscovery asks for Macie wherever there are buckets: switched on, and
// with a job, for what the account alone does is told by no file.
func checkDiscovery(e *estate.Estate) []control.Result {
	buckets := estate.All[*estate.Bucket](e)
	if len(buckets) == 0 {
		return nil
	}
	accounts := estate.All[*estate.Macie](e)
	if len(accounts) == 0 {
		return control.Nowhere(e, control.Mistake{
			Summary: "nothing looks for personal or card data in the buckets: Macie is not switched on",
			Fix:     "add aws_macie2_account, and an aws_macie2_classification_job over the buckets",
		})
	}
	var out []control.Result
	for _, m := range accounts {
		at := or(m.Status.Pos(), m.Pos)
		r := control.Judge(m.Status.Default("ENABLED").Is("ENABLED"), m, control.Mistake{
			At:       at,
			Summary:  "Macie is paused (" + m.ID.Addr + "): status is " + m.Status.String(),
			Fix:      `set status = "ENABLED"`,
			Evidence: []control.Evidence{control.Saw(at, "status is %s", m.Status)},
		}, "it is not known whether Macie is on: "+m.Status.Why())
		if r.Status == control.Present && !jobs(e, m) {
			r = half(control.Lacks(e, m, control.Mistake{
				At: m.Pos, Severity: control.Low,
				Summary: "Macie is on (" + m.ID.Addr + ") and no job says which buckets it reads, how often",
				Fix:     `add an aws_macie2_classification_job with job_type = "SCHEDULED" over the buckets that hold data`,
			}))
		}
		out = append(out, r)
	}
	return out
}

// jobs says whether a discovery job runs in Macie's region.
func jobs(e *estate.Estate, m *estate.Macie) bool {
	for _, j := range estate.All[*estate.MacieJob](e) {
		if sameRegion(e, m, j) != estate.No && j.Status.In("CANCELLED", "USER_PAUSED") != estate.Yes {
			return true
		}
	}
	return false
}
