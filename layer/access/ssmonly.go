package access

import (
	"regexp"

	"fathom/control"
	"fathom/estate"
)

var ssmOnly = control.Control{
	ID:       "access.ssm-only",
	Title:    "Session Manager instead of SSH: no key pair, no bastion",
	Why:      "A copied key opens a shell for as long as the machine lives, and nobody knows whose it was",
	Threats:  []control.Threat{control.AccountTakeover, control.LateralMovement},
	Phase:    control.QuickWin,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 1.2.5", "PCI DSS 4.0.1 8.2.1"},
	Check:    checkSSMOnly,
	Defeat:   giveKeys,
}

const sessionFix = `remove it, give the instance profile AmazonSSMManagedInstanceCore and open shells with Session Manager`

// checkSSMOnly judges every way an SSH key gets onto a machine. Open ports are
// for network.no-ssh to report.
func checkSSMOnly(e *estate.Estate) []control.Result {
	var out []control.Result
	used := false
	key := func(on estate.Resource, key, data estate.Str) {
		r := judgeKey(on, key, data)
		used = used || r.Status != control.Present
		out = append(out, r)
	}
	for _, in := range estate.All[*estate.Instance](e) {
		if r, is := bastion(in); is {
			out = append(out, r)
			used = true
			continue
		}
		key(in, in.KeyPair, in.UserData)
	}
	for _, t := range estate.All[*estate.LaunchTemplate](e) {
		key(t, t.KeyPair, t.UserData)
	}
	for _, c := range estate.All[*estate.LaunchConfiguration](e) {
		key(c, c.KeyPair, c.UserData)
	}
	for _, n := range estate.All[*estate.NodeGroup](e) {
		r := remoteAccess(n)
		used = used || r.Status != control.Present
		out = append(out, r)
	}
	if used {
		return out
	}
	for _, k := range estate.All[*estate.KeyPair](e) {
		out = append(out, control.Not(k, control.Mistake{
			Severity: control.Low,
			Summary:  k.ID.Addr + " is an SSH key pair that no machine here uses: it waits for one that is started by hand",
			Fix:      "remove the aws_key_pair",
		}))
	}
	return out
}

var jumpHost = regexp.MustCompile(`(?i)bastion|jump`)

// bastion says whether an instance is a machine that people log in to from
// outside in order to go on from there. One without key and public address is
// reached by Session Manager and is fine.
func bastion(in *estate.Instance) (control.Result, bool) {
	tag := in.Tags.Get("Name").String()
	if !jumpHost.MatchString(in.ID.Addr+" "+tag) || in.KeyPair.Set() == estate.No && in.PublicIP.Is(true) != estate.Yes {
		return control.Result{}, false
	}
	m := control.Mistake{
		Summary: in.ID.Addr + " is an SSH bastion",
		Fix:     "remove the instance and its key pair; open shells and tunnels with Session Manager, which needs no inbound port",
	}
	if in.KeyPair.Set() != estate.No {
		m.Summary += " with key pair " + in.KeyPair.String()
		m.Evidence = append(m.Evidence, control.Evidence{At: in.KeyPair.Pos(), Saw: "key_name = " + in.KeyPair.String()})
	}
	if in.PublicIP.Is(true) == estate.Yes {
		m.Severity = control.High
		m.Summary += " and a public address"
		m.Evidence = append(m.Evidence, control.Evidence{At: in.PublicIP.Pos(), Saw: "associate_public_ip_address = true"})
	}
	return control.Not(in, m), true
}

var authorizedKey = regexp.MustCompile(`(?i)authorized_keys|ssh_authorized|ssh-(rsa|ed25519) AAAA`)

func judgeKey(on estate.Resource, key, data estate.Str) control.Result {
	addr := on.Meta().ID.Addr
	switch {
	case key.Set() == estate.Yes:
		return control.Not(on, control.Mistake{
			At:       key.Pos(),
			Summary:  addr + " is started with the SSH key pair " + key.String(),
			Fix:      "remove key_name, give the instance profile AmazonSSMManagedInstanceCore and open shells with Session Manager",
			Evidence: []control.Evidence{{At: key.Pos(), Saw: "key_name = " + key.String()}},
		})
	case key.Set() == estate.Maybe:
		return control.Unsure(on, key.Pos(), "whether it has an SSH key pair is not known: "+key.Why())
	case data.Test(authorizedKey.MatchString) == estate.Yes:
		return control.Not(on, control.Mistake{
			At:      data.Pos(),
			Summary: addr + " puts SSH keys into authorized_keys in its user_data",
			Fix:     sessionFix,
		})
	}
	return control.Is(on, control.Evidence{At: on.Meta().Pos, Saw: "no key pair"})
}

func remoteAccess(n *estate.NodeGroup) control.Result {
	a := n.Remote.One()
	switch {
	case a == nil && n.Remote.Why != "":
		return control.Unsure(n, n.Remote.At, "whether remote_access is there is not known: "+n.Remote.Why)
	case a == nil || a.KeyPair.Set() == estate.No:
		return control.Is(n, control.Evidence{At: n.Pos, Saw: "no remote_access"})
	case a.KeyPair.Set() == estate.Maybe:
		return control.Unsure(n, a.At, "whether it has an SSH key pair is not known: "+a.KeyPair.Why())
	}
	return control.Not(n, control.Mistake{
		At: a.At, Cause: control.CauseOpenIngress, // the block makes the rule, too
		Summary:  n.ID.Addr + " puts the SSH key " + a.KeyPair.String() + " on its nodes (remote_access)",
		Fix:      "remove the remote_access block; open shells with Session Manager",
		Evidence: []control.Evidence{{At: a.KeyPair.Pos(), Saw: "ec2_ssh_key = " + a.KeyPair.String()}},
	})
}
