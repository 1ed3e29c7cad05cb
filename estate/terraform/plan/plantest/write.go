package plantest

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// perTeam is how many shops one module call makes by for_each.
const perTeam = 4

// Write writes a plan that creates that many resources.
func Write(w io.Writer, resources int) error {
	p := &printer{w: bufio.NewWriterSize(w, 1<<20), cell: cell(), n: resources}
	p.plan()
	return p.w.Flush()
}

// printer writes a plan; bufio keeps the first error for Flush.
type printer struct {
	w    *bufio.Writer
	cell []resource
	n    int
}

func (p *printer) plan() {
	p.put(`{"format_version":"1.2","terraform_version":"1.9.5","variables":{"region":{"value":"eu-west-1"}},"planned_values":{"root_module":{"child_modules":[`)
	p.modules(func(module string, shop int, instances []instance) {
		if shop > 0 {
			p.put(",")
		}
		p.put(`{"resources":[`)
		for i, in := range instances {
			if i > 0 {
				p.put(",")
			}
			p.head(module, in)
			p.put(`,"schema_version":1,"values":`, in.fill(in.r.after), `,"sensitive_values":{"tags":{},"tags_all":{}}}`)
		}
		p.put(`],"address":`, strconv.Quote(module), `}`)
	})
	p.put(`]}},"resource_changes":[`)
	first := true
	p.modules(func(module string, _ int, instances []instance) {
		for _, in := range instances {
			if !first {
				p.put(",")
			}
			first = false
			p.head(module, in)
			p.put(`,"change":{"actions":["create"],"before":null,"after":`, in.fill(in.r.after), `,"after_unknown":`, in.r.unknown,
				`,"before_sensitive":false,"after_sensitive":{"tags":{},"tags_all":{}}}}`)
		}
	})
	p.put(`],"prior_state":{"format_version":"1.0","terraform_version":"1.9.5","values":{"root_module":{"resources":[`,
		`{"address":"data.aws_caller_identity.current","mode":"data","type":"aws_caller_identity","name":"current","provider_name":"registry.terraform.io/hashicorp/aws","schema_version":0,"values":{"account_id":"111111111111","arn":"arn:aws:iam::111111111111:user/ci","id":"111111111111","user_id":"AIDAEXAMPLE"},"sensitive_values":{}}`,
		`]}}},"configuration":`)
	p.configuration()
	p.put(`,"timestamp":"2026-11-27T00:00:00Z","errored":false}`, "\n")
}

// instance is one resource instance of one shop.
type instance struct {
	r    *resource
	i    int // the index in the keys of r
	shop int
}

// fill puts the shop and the key where the notation leaves places for them.
func (in instance) fill(s string) string {
	key := strings.Trim(in.r.indexes[in.i], `"`)
	return strings.NewReplacer(
		"{i}", strconv.Itoa(in.shop), "{a}", strconv.Itoa(in.shop/64%256), "{b}", strconv.Itoa(in.shop%64*4), "{k}", key,
	).Replace(s)
}

// modules calls f for every shop, until there are enough resources.
func (p *printer) modules(f func(module string, shop int, instances []instance)) {
	left := p.n
	for shop := 0; left > 0; shop++ {
		var all []instance
		for r := range p.cell {
			for i := range p.cell[r].keys {
				all = append(all, instance{&p.cell[r], i, shop})
			}
		}
		all = all[:min(left, len(all))]
		left -= len(all)
		f(fmt.Sprintf(`module.team_%d["shop-%d"]`, shop/perTeam, shop), shop, all)
	}
}

func (p *printer) head(module string, in instance) {
	r := in.r
	address := module + "." + r.typ + "." + r.name + r.keys[in.i]
	p.put(`{"address":`, strconv.Quote(address), `,"module_address":`, strconv.Quote(module), `,"mode":"managed","type":"`, r.typ, `","name":"`, r.name, `"`)
	if ix := r.indexes[in.i]; ix != "" {
		p.put(`,"index":`, ix)
	}
	p.put(`,"provider_name":"registry.terraform.io/hashicorp/aws"`)
}

func (p *printer) configuration() {
	p.put(`{"provider_config":{"aws":{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","version_constraint":"~> 6.0","expressions":{"default_tags":[{"tags":{"constant_value":{"Owner":"platform"}}}],"region":{"references":["var.region"]}}}},`,
		`"root_module":{"resources":[{"address":"data.aws_caller_identity.current","mode":"data","type":"aws_caller_identity","name":"current","provider_config_key":"aws","schema_version":0}],"module_calls":{`)
	p.modules(func(_ string, shop int, _ []instance) {
		if shop%perTeam != 0 {
			return
		}
		if shop > 0 {
			p.put(",")
		}
		p.put(`"team_`, strconv.Itoa(shop/perTeam), `":{"source":"./shop","expressions":{"cidr":{"references":["each.value.cidr","each.value"]},"name":{"references":["each.key"]}},"for_each_expression":{"references":["var.shops"]},"module":{"outputs":{"url":{"expression":{"references":["aws_lb.front.dns_name","aws_lb.front"]}}},"resources":[`)
		for i := range p.cell {
			if i > 0 {
				p.put(",")
			}
			p.put(p.cell[i].written)
		}
		p.put(`],"variables":{"cidr":{},"name":{"description":"what the shop is called"}}}}`)
	})
	p.put(`},"variables":{"region":{"default":"eu-west-1"}}}}`)
}

func (p *printer) put(parts ...string) {
	for _, s := range parts {
		p.w.WriteString(s)
	}
}
