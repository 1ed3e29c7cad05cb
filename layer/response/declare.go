package response

import (
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// declare renders what sees an attack, what acts on it and what is left as proof:
// logs, detectors, alarms, runbooks, drills, and the people who are told.
func declare(p *platform.Platform) ([]render.Resource, error) {
	d := &declaration{p: p}
	d.buckets()
	d.people()
	d.trail()
	for _, r := range regions(p) {
		d.region(r)
	}
	d.hub()
	d.rules()
	d.alarms()
	d.findings()
	return d.out, nil
}

// declaration gathers what is rendered.
type declaration struct {
	p   *platform.Platform
	out []render.Resource
}

func (d *declaration) add(rs ...render.Resource) { d.out = append(d.out, rs...) }

// Shorthands of the printer.
var (
	set  = terraform.Set
	nest = terraform.Nest
	obj  = terraform.Obj
)

// region is a place where the account is watched.
type region struct {
	// label ends the labels of its resources: empty in the platform's own.
	label, name string
	provider    terraform.Expr
}

// usEast1 is where AWS keeps what belongs to no region.
const usEast1 = "us-east-1"

// regions are those that the providers work in, each once: GuardDuty, Security
// Hub and AWS Config take one of a kind in each.
func regions(p *platform.Platform) []region {
	all := []region{
		{"", p.Region, ""},
		{"backup", p.BackupRegion, render.ProviderBackup},
		{"global", usEast1, render.ProviderGlobal},
	}
	var out []region
	seen := map[string]bool{}
	for _, r := range all {
		if !seen[r.name] {
			seen[r.name] = true
			out = append(out, r)
		}
	}
	return out
}

// at makes a label for the region: main, or main_backup.
func (r region) at(label string) string {
	if r.label == "" {
		return label
	}
	return label + "_" + r.label
}

// in puts the provider of the region in front of a body.
func (r region) in(body ...terraform.Entry) []terraform.Entry {
	return terraform.Join(terraform.When(r.provider != "", set("provider", r.provider)), body)
}

// path joins the parts of a path in the declaration.
func path(parts ...string) string { return strings.Join(parts, ".") }

// days is how long logs are kept.
func days(p *platform.Platform) int { return int(p.Logs.Keep.Hours() / 24) }

// trailARN is the ARN of the trail, by its name: the policy of the bucket that it
// writes to cannot refer to it.
func trailARN(p *platform.Platform) string {
	return "arn:aws:cloudtrail:" + p.Region + ":" + p.Account + ":trail/" + render.Name(p, "trail")
}

func lower(name string) string { return strings.ToLower(name) }

// dashes makes a name of a label.
func dashes(label string) string { return strings.ReplaceAll(label, "_", "-") }
