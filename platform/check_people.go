package platform

import (
	"slices"
	"strings"

	"fathom/diag"
)

// people checks operators and the emergency way in.
func (c *checker) people() {
	for i := range c.Operators {
		o := &c.Operators[i]
		at := func(keys ...string) diag.Pos { return c.At(append([]string{"operators", o.Name}, keys...)...) }
		if o.Who != "" && o.Who == o.Approve {
			c.add(at("session", "approve"), "name another group", "%q approves its own sessions", o.Who)
		}
		for _, s := range o.Services {
			c.known("service", s, c.serviceNames, at("services", s))
		}
		if slices.Contains(o.May, "tunnel") {
			c.tunnel(o, at)
		}
	}
	if b := c.BreakGlass; b.Who != "" && b.Who == b.Approve {
		c.add(c.At("breakGlass", "approve"), "name another group", "%q approves its own way in: one stolen credential is enough", b.Who)
	}
}

// tunnel asks for something to forward to.
func (c *checker) tunnel(o *Operator, at func(...string) diag.Pos) {
	if len(o.Services) == 0 {
		if !c.tree.get("operators", o.Name, "services").bad {
			c.add(at("may", "tunnel"), "add services: [NAME], whose stores are meant", "operators %q may tunnel to every store there is", o.Name)
		}
		return
	}
	for _, name := range o.Services {
		s := c.Service(name)
		if s == nil || slices.ContainsFunc(s.Stores, func(u Use) bool {
			st := c.Store(u.Store)
			return st == nil || !st.IsBucket()
		}) {
			continue
		}
		c.add(at("services", name), "take tunnel or the service away", "operators %q may tunnel, and service %q uses no store that has a port", o.Name, name)
	}
}

// notify asks for what AWS's response team calls and writes to.
func (c *checker) notify() {
	if c.spoilt("notify") {
		return
	}
	n := &c.Notify
	if c.Edge.Shield && n.Phone == "" {
		c.add(c.At("notify"), `add phone: "+4930123456", the number of who is on call`, "edge.shield is true in %s, and there is no number that AWS calls when a flood begins", c.line("edge", "shield"))
	}
	if (c.Edge.Shield || n.Phone != "") && n.OnCall != "" && n.Email == "" {
		c.add(c.At("notify", "oncall"), "add email: the address of who is on call", "AWS writes to people in an emergency, and a pager's address takes no e-mail")
	}
}

// pipeline checks what deploys.
func (c *checker) pipeline() {
	p := &c.Pipeline
	at := func(key string) diag.Pos { return c.At("pipeline", key) }
	for _, v := range []struct{ key, text string }{{"repo", p.Repo}, {"branch", p.Branch}, {"workflow", p.Workflow}, {"environment", p.Environment}} {
		if strings.ContainsAny(v.text, "*?") {
			c.add(at(v.key), "name it", "%q has a wildcard: whoever may make one that fits it can deploy", v.key)
		}
	}
	if w := p.Workflow; w != "" && !c.tree.get("pipeline", "workflow").bad && !strings.HasSuffix(w, ".yml") && !strings.HasSuffix(w, ".yaml") {
		c.add(at("workflow"), "write the file's name in .github/workflows, such as release.yml", "workflow %q ends neither in .yml nor in .yaml", w)
	}
	if slices.Contains([]string{"drill", "nightly"}, strings.TrimSuffix(strings.TrimSuffix(p.Workflow, ".yml"), ".yaml")) {
		c.add(at("workflow"), "name the one that deploys otherwise, such as release.yml", "workflow %q has the name of one that is rendered besides", p.Workflow)
	}
	if strings.HasPrefix(p.Branch, "refs/") {
		c.add(at("branch"), "write "+strings.TrimPrefix(p.Branch, "refs/heads/"), "branch %q is a ref: render puts refs/heads/ in front", p.Branch)
	}
}
