package network

import (
	"fathom/control"
	"fathom/estate"
)

var flowLogs = control.Control{
	ID:       "network.flow-logs",
	Title:    "VPC flow logs of all traffic",
	Why:      "Nobody can say afterwards who connected to what, from where, and how much was carried away",
	Threats:  []control.Threat{control.LateralMovement, control.Exfiltration},
	Phase:    control.QuickWin,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 10.2.1", "HIPAA 164.312(b)", "CIS AWS 7.0 4.7"},
	Check:    checkFlowLogs,
	Aside:    "it stops nobody: it says afterwards who connected to what, and what of it is seen in time is response.detections's to say",
}

func checkFlowLogs(e *estate.Estate) []control.Result {
	loose := looseLog(e)
	subnets := subnetsOf(e)
	var out []control.Result
	for _, v := range estate.All[*estate.VPC](e) {
		out = append(out, vpcLog(e, v, subnets[v.ID], loose))
	}
	return out
}

func vpcLog(e *estate.Estate, v *estate.VPC, subnets []*estate.Subnet, loose string) control.Result {
	name := named("VPC", estate.Str{}, v.Meta())
	var best *estate.FlowLog
	all := estate.No
	for _, l := range estate.Of[*estate.FlowLog](e, v.ID) {
		if !l.VPC.Is(v.ID) {
			continue
		}
		// Two logs, of ACCEPT and of REJECT, would do as well; nobody writes them.
		if is := l.Traffic.Is("ALL"); best == nil || is > all {
			best, all = l, is
		}
	}
	switch {
	case best != nil && all == estate.Yes:
		return control.Is(v, control.Evidence{At: best.Pos, Saw: best.ID.Addr + " keeps ALL traffic"})
	case best != nil && all == estate.Maybe:
		return control.Unsure(v, best.Traffic.Pos(), "which traffic "+best.ID.Addr+" keeps is not known: "+best.Traffic.Why())
	case best != nil:
		return control.Partly(v, control.Mistake{
			At: or(best.Traffic.Pos(), best.Pos), Severity: control.Low,
			Summary:  "the flow log of " + name + " keeps only " + best.Traffic.String() + " traffic",
			Fix:      `set traffic_type = "ALL"`,
			Evidence: []control.Evidence{{At: best.Traffic.Pos(), Saw: "traffic_type = " + best.Traffic.String()}},
		})
	case len(subnets) > 0 && everySubnet(e, subnets):
		return control.Is(v, control.Evidence{At: v.Pos, Saw: "every subnet has a flow log"})
	case loose != "":
		return control.Unsure(v, v.Pos, loose)
	}
	return control.Lacks(e, v, control.Mistake{
		Summary: name + " has no flow log",
		Fix:     `add aws_flow_log with vpc_id, traffic_type = "ALL" and a log_destination that is kept for a year`,
	})
}

func everySubnet(e *estate.Estate, subnets []*estate.Subnet) bool {
	for _, s := range subnets {
		logged := false
		for _, l := range estate.Of[*estate.FlowLog](e, s.ID) {
			logged = logged || l.Traffic.Is("ALL") == estate.Yes
		}
		if !logged {
			return false
		}
	}
	return true
}

// looseLog says why a flow log may belong to any VPC, or "".
func looseLog(e *estate.Estate) string {
	for _, l := range estate.All[*estate.FlowLog](e) {
		if len(l.VPC.To) == 0 && l.VPC.Unknown() {
			return "whose traffic " + l.ID.Addr + " keeps is not known: " + l.VPC.Why()
		}
	}
	return ""
}

// subnetsOf returns the subnets of every VPC.
func subnetsOf(e *estate.Estate) map[estate.ID][]*estate.Subnet {
	out := map[estate.ID][]*estate.Subnet{}
	for _, s := range estate.All[*estate.Subnet](e) {
		for _, vpc := range s.VPC.To {
			out[vpc] = append(out[vpc], s)
		}
	}
	return out
}
