package response

import (
	"strings"
	"time"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// declare renders what sees an attack, what acts on it and what is left as proof:
// logs, detectors, alarms, runbooks, drills, and the people who are told.
func declare(p *platform.Platform) ([]render.Resource, error) {
	d := &declaration{p: p, from: "logs"}
	d.objectives()
	d.buckets()
	d.people()
	d.trail()
	d.file, d.from = "response-posture", "account"
	for _, r := range regions(p) {
		d.region(r)
	}
	d.hub()
	d.rules()
	d.file, d.from = "response-detections", "account"
	d.alarms()
	d.sensor()
	d.findings()
	d.file, d.from = "response-runbooks", "notify"
	d.runbooks()
	d.file, d.from = "response-drills", "objectives"
	d.drift()
	d.drills()
	return d.out, nil
}

// declaration gathers what is rendered.
type declaration struct {
	p   *platform.Platform
	out []render.Resource
	// file is where blocks go, the layer's own where it is empty; from is what
	// they derive from where they do not say more.
	file, from string
}

func (d *declaration) add(rs ...render.Resource) {
	for _, r := range rs {
		if b, ok := r.(*terraform.Block); ok {
			b.In(d.file)
			if len(b.Paths) == 0 {
				b.From(d.from)
			}
		}
		d.out = append(d.out, r)
	}
}

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

// objectives renders the times that the team wants to keep, where alarms, drills
// and dashboards find them.
func (d *declaration) objectives() {
	o := d.p.Objectives
	var depth terraform.List
	for _, t := range o.Depth {
		depth = append(depth, obj("from", t.From, "to", t.To, "min", t.Min))
	}
	d.add(terraform.Resource("aws_ssm_parameter", "objectives",
		set("name", "/"+d.p.Name+"/objectives"),
		set("description", "What the team wants to be true: times in seconds, depths in controls"),
		set("type", "String"),
		set("value", terraform.JSON(obj(
			"detect", int(o.KPI.Detect.Seconds()), "remediate", int(o.KPI.Remediate.Seconds()), "rto", int(o.KPI.RTO.Seconds()),
			"depth", depth,
		))),
		set("tags", obj(render.TagKPI, kpi(o.KPI))),
	).For("response.kpis").From("objectives"))
}

// kpi writes the times as the tag does: detect=15m remediate=4h rto=30m.
func kpi(k platform.KPI) string {
	return "detect=" + short(k.Detect) + " remediate=" + short(k.Remediate) + " rto=" + short(k.RTO)
}

// short writes a time without parts that are zero: 4h, not 4h0m0s.
func short(t time.Duration) string {
	s := t.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
