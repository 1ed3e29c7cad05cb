package access

import (
	"slices"
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// declare renders how people get in: by roles that nobody holds until somebody
// else agrees, and by sessions that are recorded. There is no bastion and no key.
func declare(p *platform.Platform) ([]render.Resource, error) {
	d := &declaration{p: p}
	d.ownCluster()
	if len(p.Operators) == 0 && p.BreakGlass.Who == "" {
		return d.out, nil
	}
	d.sessions()
	for i := range p.Operators {
		d.operator(&p.Operators[i])
	}
	d.tunnels()
	d.emergency()
	d.groups()
	return d.out, nil
}

// declaration gathers what is rendered.
type declaration struct {
	p   *platform.Platform
	out []render.Resource
}

func (d *declaration) add(rs ...render.Resource) { d.out = append(d.out, rs...) }

// Shorthands of the two printers.
var (
	set  = terraform.Set
	nest = terraform.Nest
	obj  = terraform.Obj
	m    = kubernetes.M
)

type list = kubernetes.L

func is(operator, key string, value any) render.Condition {
	return render.Condition{Operator: operator, Key: key, Value: value}
}

// way is a way in: a role, who may ask for it and who agrees.
type way struct {
	// label ends the labels of its resources; name is the role's, says what it
	// is for.
	label, name, says string
	who, approve      string
	// minutes that it is granted for.
	minutes  int
	controls []string
	from     string
}

// groupName is the name of a group without what kind of thing it is: group/sre is sre.
func groupName(who string) string {
	if _, name, found := strings.Cut(who, "/"); found {
		return name
	}
	return who
}

// may says whether an operator has a duty.
func may(o *platform.Operator, duty string) bool { return slices.Contains(o.May, duty) }

// ofOperator is the way in of an operator.
func ofOperator(o *platform.Operator) way {
	return way{
		label: "ops_" + render.Label(o.Name), name: "ops-" + o.Name, says: strings.Join(o.May, ", "),
		who: groupName(o.Who), approve: groupName(o.Approve), minutes: int(o.Max.Minutes()),
		controls: []string{"access.just-in-time", "access.mfa-session", "access.scoped"},
		from:     "operators." + o.Name,
	}
}

// ofEmergency is the emergency way in.
func ofEmergency(p *platform.Platform) way {
	return way{
		label: "break_glass", name: "break-glass", says: "emergencies",
		who: groupName(p.BreakGlass.Who), approve: groupName(p.BreakGlass.Approve), minutes: int(p.BreakGlass.Max.Minutes()),
		controls: []string{"access.break-glass", "access.just-in-time", "access.mfa-session"},
		from:     "breakGlass",
	}
}

// ways are all of them, operators first.
func ways(p *platform.Platform) []way {
	var out []way
	for i := range p.Operators {
		out = append(out, ofOperator(&p.Operators[i]))
	}
	if p.BreakGlass.Who != "" {
		out = append(out, ofEmergency(p))
	}
	return out
}

// services are those that an operator may touch.
func services(p *platform.Platform, o *platform.Operator) []*platform.Service {
	var out []*platform.Service
	for i := range p.Services {
		s := &p.Services[i]
		if slices.Contains(o.Services, s.Name) || len(o.Services) == 0 && !p.Apart(s) {
			out = append(out, s)
		}
	}
	return out
}
