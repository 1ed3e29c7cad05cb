package network_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"fathom/control"
	"fathom/engine/iam"
	"fathom/estate"
	"fathom/layer/layertest"
	"fathom/layer/network"
	"fathom/platform"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

func TestRenderedControlsArePresent(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			p := layertest.Platform(t, name)
			layertest.Present(t, network.Layer(), estateOf(t, p, declared(t, p)))
		})
	}
}

func TestSmallerPlatforms(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*platform.Platform)
	}{
		{"without what stands apart", func(p *platform.Platform) {
			p.Stores = slices.DeleteFunc(p.Stores, func(s platform.Store) bool { return s.Isolate })
			p.Services = slices.DeleteFunc(p.Services, func(s platform.Service) bool { return s.Name == "payments" })
			p.Services[0].Calls = nil
		}},
		{"without a way out", func(p *platform.Platform) {
			p.Network.NAT = "none"
			for i := range p.Services {
				p.Services[i].Egress = nil
			}
		}},
		{"in two zones of a small range", func(p *platform.Platform) { p.Network.CIDR, p.Network.Zones = "192.168.192.0/18", []string{"c", "f"} }},
		{"without buckets and sessions", func(p *platform.Platform) {
			p.Stores = slices.DeleteFunc(p.Stores, func(s platform.Store) bool { return s.IsBucket() })
			p.Operators = nil
		}},
		{"with hosts known by name only, from one NAT gateway", func(p *platform.Platform) {
			p.Network.NAT = "one"
			for i := range p.Services {
				p.Services[i].Egress = []platform.Egress{{Host: "plain.example", Port: 80}, {Host: "api.example", Port: 443}}
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := layertest.Platform(t, "shopnow")
			c.change(p)
			for _, v := range layertest.Missing(network.Layer(), estateOf(t, p, declared(t, p))) {
				if p.AnyApart() || v.Reason != control.NothingToGuard {
					t.Error(layertest.Why(&v))
				}
			}
		})
	}
}

func TestWhatCannotBeRendered(t *testing.T) {
	for _, c := range []struct {
		want   string
		change func(*platform.Platform)
	}{
		{"is not an IPv4 range that has room", func(p *platform.Platform) { p.Network.CIDR = "10.0.0.0/20" }},
		{"is not an IPv4 range that has room", func(p *platform.Platform) { p.Network.CIDR = "everything" }},
		{"is not a letter", func(p *platform.Platform) { p.Network.Zones = []string{"a", "eu-west-1b"} }},
		{"nothing leads there", func(p *platform.Platform) { p.Network.NAT = "none" }},
	} {
		p := layertest.Platform(t, "shopnow")
		c.change(p)
		if _, err := network.Layer().Render(p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("the error is %v, not that it %s", err, c.want)
		}
	}
}

func TestSubnetsDoNotOverlapAndStay(t *testing.T) {
	p := layertest.Platform(t, "bazaar")
	seen := map[string]string{}
	of := func(p *platform.Platform) map[string]string {
		out := map[string]string{}
		for _, s := range estate.All[*estate.Subnet](estateOf(t, p, declared(t, p))) {
			cidr, ok := s.CIDR.Known()
			if !ok {
				t.Errorf("the range of %s is not written", s.ID.Addr)
			}
			out[s.ID.Addr] = cidr
		}
		return out
	}
	before := of(p)
	for addr, cidr := range before {
		if other := seen[cidr]; other != "" {
			t.Errorf("%s and %s have the range %s", addr, other, cidr)
		}
		seen[cidr] = addr
	}
	p.Network.Zones = []string{"a", "b", "c", "e"}
	after := of(p)
	for addr, cidr := range before {
		if after[addr] != cidr {
			t.Errorf("%s has the range %s, and with one more zone %s", addr, cidr, after[addr])
		}
	}
	if tiers := 7; len(after) != len(before)+tiers { // all but those of the only NAT gateway, and the standby's
		t.Errorf("%d subnets, and with one more zone %d", len(before), len(after))
	}
}

func TestRendersTheSameEveryTime(t *testing.T) { layertest.SameEveryTime(t, network.Layer()) }

// A new service changes what it calls and uses, and the two lists that name
// everything; nothing else.
func TestAddingAServiceChangesOnlyWhatConcernsIt(t *testing.T) {
	p := layertest.Platform(t, "bazaar")
	before := printed(t, p)
	p.Services = slices.Insert(p.Services, 1, platform.Service{
		Name: "badges", Namespace: "bazaar", Port: 8080, Protocol: "http",
		Calls:  []platform.Call{{To: "listings"}},
		Stores: []platform.Use{{Store: "sessions", Access: "read"}},
		Egress: []platform.Egress{{Host: "badges.example", Port: 443}},
	})
	layertest.Changes(t, before, printed(t, p),
		"+*badges*",
		"NetworkPolicy.networking.k8s.io/bazaar/listings", // takes one more caller
		"aws_networkfirewall_firewall_policy.main",        // refers to one more group of rules
		"output.security_group_policies",
	)
}

func TestEveryResourceSaysItsControl(t *testing.T) {
	known := map[string]bool{}
	for _, c := range network.Layer().Controls {
		known[c.ID] = true
	}
	for _, name := range layertest.Examples {
		for _, r := range declared(t, layertest.Platform(t, name)) {
			var controls []string
			switch r := r.(type) {
			case *terraform.Block:
				controls = r.Controls
				if strings.Contains(r.Address(), "security_group") && len(controls) == 0 {
					t.Errorf("%s names no control", r.Address())
				}
			case *kubernetes.Object:
				if controls = r.Controls; len(controls) == 0 {
					t.Errorf("%s names no control", r.Address())
				}
			}
			for _, c := range controls {
				if !known[c] {
					t.Errorf("%s is for %s, which is no control of this layer", r.Address(), c)
				}
			}
		}
	}
}

func TestEndpointPoliciesParse(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		all := estate.All[*estate.VPCEndpoint](estateOf(t, p, declared(t, p)))
		if len(all) < 15 {
			t.Errorf("%s has %d endpoints", name, len(all))
		}
		for _, x := range all {
			text := x.Policy.Text()
			if _, problems := iam.Parse([]byte(text), x.ID.Addr, iam.Endpoint); len(problems) > 0 {
				t.Errorf("%s: %v", name, problems)
			}
			if len(text) > 20480 { // AWS PrivateLink quotas, "Size of VPC endpoint policy"
				t.Errorf("the policy of %s has %d characters", x.ID.Addr, len(text))
			}
		}
	}
}

// What EC2 takes as a description (API reference, CreateSecurityGroup and
// IpRange).
var description = regexp.MustCompile(`^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)

func TestDescriptionsAreTaken(t *testing.T) {
	for _, name := range layertest.Examples {
		for _, r := range declared(t, layertest.Platform(t, name)) {
			b, ok := r.(*terraform.Block)
			if !ok || b.Kind != "resource" || !strings.Contains(b.Labels[0], "security_group") {
				continue
			}
			for _, e := range b.Body {
				if says, text := e.Value.(string); text && e.Name == "description" && !description.MatchString(says) {
					t.Errorf("EC2 refuses the description of %s: %s", b.Address(), says)
				}
			}
		}
	}
}
