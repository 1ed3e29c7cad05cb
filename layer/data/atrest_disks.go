package data

import (
	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// ebsDefault is what a region does with a disk that says nothing: encrypt it
// where aws_ebs_encryption_by_default is on, and with which key.
type ebsDefault struct {
	e     *estate.Estate
	on    []*estate.EBSDefault
	keys  []*estate.EBSDefaultKey
	memo  map[place]ebsAnswer
	hides string
}

type place struct {
	root, provider string
	region         string
}

type ebsAnswer struct {
	encrypted estate.Truth
	why       string
	key       estate.Ref[*estate.KMSKey]
}

func newEBSDefault(e *estate.Estate) *ebsDefault {
	return &ebsDefault{
		e: e, on: estate.All[*estate.EBSDefault](e), keys: estate.All[*estate.EBSDefaultKey](e),
		memo: map[place]ebsAnswer{}, hides: e.MayHideAWS(),
	}
}

// of answers for the region of a resource, once for each region.
func (d *ebsDefault) of(r estate.Resource) ebsAnswer {
	b := r.Meta()
	at := place{b.ID.Root, b.Provider, b.Region.String()}
	if a, ok := d.memo[at]; ok {
		return a
	}
	var a ebsAnswer
	if d.hides != "" {
		a.encrypted, a.why = estate.Maybe, d.hides
	}
	for _, x := range d.on {
		switch here := sameRegion(d.e, r, x); {
		case here == estate.Yes:
			a.encrypted, a.why = x.Enabled.Default(true).Is(true), x.Enabled.Why()
		case here == estate.Maybe && a.encrypted == estate.No:
			a.encrypted, a.why = estate.Maybe, "it is not known whether "+x.ID.Addr+" is for its region"
		}
	}
	for _, k := range d.keys {
		if sameRegion(d.e, r, k) == estate.Yes {
			a.key = k.Key
		}
	}
	d.memo[at] = a
	return a
}

// disks judges EBS volumes and the disks of instances and launch templates.
// A disk that says nothing is as the region's default has it; without one it
// is as its snapshot is, and the snapshots of public images are not encrypted
// (Amazon EBS User Guide, "Amazon EBS encryption").
func disks(e *estate.Estate) []control.Result {
	d := newEBSDefault(e)
	var out []control.Result
	for _, v := range estate.All[*estate.Volume](e) {
		out = append(out, d.disk(v, "volume "+v.ID.Addr, v.Pos, v.Encrypted, v.Key).judge(e))
	}
	for _, i := range estate.All[*estate.Instance](e) {
		out = append(out, d.disksOf(i, "disk of instance "+i.ID.Addr, append(append([]estate.BlockDevice{}, i.Root.Items...), i.Disks.Items...), i.Root.Why)...)
	}
	for _, t := range estate.All[*estate.LaunchTemplate](e) {
		var devices []estate.BlockDevice
		why := t.Devices.Why
		for _, m := range t.Devices.Items {
			devices = append(devices, m.EBS.Items...)
		}
		out = append(out, d.disksOf(t, "disk of "+control.Named("launch template", t.TemplateName, t.Meta()), devices, why)...)
	}
	return out
}

func (d *ebsDefault) disksOf(on estate.Resource, what string, devices []estate.BlockDevice, why string) []control.Result {
	var out []control.Result
	for _, dev := range devices {
		out = append(out, d.disk(on, what, dev.At, dev.Encrypted, dev.Key).judge(d.e))
	}
	if len(out) == 0 {
		s := d.disk(on, "root "+what, on.Meta().Pos, estate.Bool{}, estate.Ref[*estate.KMSKey]{})
		if why != "" {
			s.encrypted, s.why = estate.Maybe, why
		}
		out = append(out, s.judge(d.e))
	}
	return out
}

func (d *ebsDefault) disk(on estate.Resource, what string, at diag.Pos, encrypted estate.Bool, key estate.Ref[*estate.KMSKey]) sealed {
	s := sealed{
		on: on, what: what, key: key,
		keyArg: "kms_key_id", keyless: "AWS's default key aws/ebs", severity: control.Low,
		fix: "set encrypted = true and kms_key_id to a key of your own, or switch encryption on for the region with aws_ebs_encryption_by_default and aws_ebs_default_kms_key",
	}.flag("encrypted", encrypted, false)
	s.at = or(s.at, at)
	if encrypted.Absent() || key.Absent() {
		region := d.of(on)
		if encrypted.Absent() {
			s.encrypted, s.why = region.encrypted, region.why
			s.saw = "encrypted is not set, and EBS encryption by default is not on"
		}
		if key.Absent() {
			s.key = region.key
		}
	}
	return s
}
