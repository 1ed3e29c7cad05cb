package network

import (
	"slices"
	"strings"
	"unicode"

	"fathom/control"
	"fathom/estate"
)

var paymentsIsolation = control.Control{
	ID:       "network.payments-isolation",
	Title:    "Payments and the card vault in a VPC or subnets of their own",
	Why:      "Whoever takes over any other part of the shop stands in the same network as the card numbers",
	Threats:  []control.Threat{control.LateralMovement, control.Exfiltration},
	Phase:    control.LongTerm,
	Severity: control.Medium,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 1.3.1", "PCI DSS 4.0.1 1.3.2", "PCI DSS 4.0.1 11.4.5"},
	Check:    checkPayments,
	Defeat:   together,
}

func checkPayments(e *estate.Estate) []control.Result {
	return append(cardStores(e), cardWorkloads(e)...)
}

// cardWords are what people call the parts that handle cards. They count as
// whole words of a name or tag, or as the beginning of one where they are long
// enough not to be part of another word.
var cardWords = []string{"payment", "payments", "card", "cards", "cardholder", "pan", "cde", "pci", "psp", "cardvault", "tokenizer", "tokeniser"}

// handlesCards says whether a name is one of payments or cards.
func handlesCards(name string) bool {
	for _, w := range words(name) {
		if slices.Contains(cardWords, w) || strings.HasPrefix(w, "payment") || strings.HasPrefix(w, "cardholder") {
			return true
		}
	}
	return false
}

// words splits a name at what is not a letter, and at a capital after a small
// letter.
func words(name string) []string {
	var out []string
	start := -1
	var last rune
	for i, c := range name {
		switch {
		case !unicode.IsLetter(c):
			if start >= 0 {
				out = append(out, strings.ToLower(name[start:i]))
			}
			start = -1
		case start < 0:
			start = i
		case unicode.IsUpper(c) && unicode.IsLower(last):
			out = append(out, strings.ToLower(name[start:i]))
			start = i
		}
		last = c
	}
	if start >= 0 {
		out = append(out, strings.ToLower(name[start:]))
	}
	return out
}

// marks are the tags and labels by which a team says what a resource holds.
var marks = []string{"data", "data-class", "dataclass", "class", "classification", "data-classification", "compliance", "scope", "pci", "service", "app", "component", "name"}

// cardStore says whether a store is one of payments or cards, by its name, its
// address or its tags. A vault among stores is one for cards.
func cardStore(s *store) bool {
	b := s.Meta()
	if handlesCards(s.name) || slices.Contains(words(s.name), "vault") {
		return true
	}
	for key, v := range b.Tags.Items {
		text, ok := v.Known()
		if !ok || !slices.Contains(marks, strings.ToLower(key[strings.LastIndexAny(key, ":/")+1:])) {
			continue
		}
		if handlesCards(text) || strings.EqualFold(key, "pci") && strings.EqualFold(text, "true") {
			return true
		}
	}
	return false
}

// cardStores judges where the stores of payments stand: in subnets that no
// other store and no other workload uses.
func cardStores(e *estate.Estate) []control.Result {
	type home struct {
		store
		placed
		known bool
	}
	var cards []home
	others := occupants(e)
	for _, s := range stores(e) {
		p, ok := place(e, &s)
		if cardStore(&s) {
			cards = append(cards, home{s, p, ok})
			continue
		}
		for _, sub := range p.subnets {
			if others[sub.ID] == "" {
				others[sub.ID] = s.name
			}
		}
	}
	var out []control.Result
	for _, c := range cards {
		out = append(out, alone(&c.store, &c.placed, c.known, others))
	}
	return out
}

func alone(s *store, p *placed, known bool, others map[estate.ID]string) control.Result {
	at := p.at
	if s.subnetGroup != nil {
		at = s.subnetGroup.Pos()
	}
	if !known {
		if s.inherits {
			return control.Unsure(s, at, "where "+s.name+" stands depends on the database it copies")
		}
		return control.Not(s, control.Mistake{
			At: at, Summary: s.name + " names no subnets of its own, so it stands with everything else in the default VPC",
			Fix: "give it a subnet group whose subnets nothing but payments uses, or a VPC of its own",
		})
	}
	var shared []string
	with := ""
	for _, sub := range p.subnets {
		if o := others[sub.ID]; o != "" {
			shared, with = append(shared, sub.ID.Addr), o
		}
	}
	switch {
	case len(shared) > 0:
		return control.Not(s, control.Mistake{
			At: at, Summary: s.name + " shares its subnets (" + control.Few(shared, 2) + ") with " + with,
			Fix:      "give it a subnet group whose subnets nothing but payments uses, or a VPC of its own, and route to it only from the payments service",
			Evidence: []control.Evidence{{At: at, Saw: "subnets " + strings.Join(shared, ", ")}},
		})
	case p.why != "":
		return control.Unsure(s, at, "whether "+s.name+" has subnets of its own is not known: "+p.why)
	}
	return control.Is(s, control.Evidence{At: at, Saw: "no other store or workload uses its subnets"})
}

// occupants returns a workload of each subnet that is used by machines or
// functions that are not of payments.
func occupants(e *estate.Estate) map[estate.ID]string {
	out := map[estate.ID]string{}
	use := func(r estate.Resource, name estate.Str, subnets ...*estate.Subnet) {
		text, _ := name.Known()
		if handlesCards(r.Meta().ID.Addr) || handlesCards(text) {
			return
		}
		for _, s := range subnets {
			if out[s.ID] == "" {
				out[s.ID] = r.Meta().ID.Addr
			}
		}
	}
	for _, n := range estate.All[*estate.NodeGroup](e) {
		use(n, n.Group, estate.ToAll(e, n.Subnets)...)
	}
	for _, i := range estate.All[*estate.Instance](e) {
		use(i, i.Tags.Get("Name"), estate.To(e, i.Subnet)...)
	}
	for _, a := range estate.All[*estate.AutoScalingGroup](e) {
		use(a, estate.Str{}, estate.ToAll(e, a.Subnets)...)
	}
	for _, s := range estate.All[*estate.ECSService](e) {
		if n := s.Network.One(); n != nil {
			use(s, estate.Str{}, estate.ToAll(e, n.Subnets)...)
		}
	}
	for _, f := range estate.All[*estate.Lambda](e) {
		if n := f.Network.One(); n != nil {
			use(f, f.Function, estate.ToAll(e, n.Subnets)...)
		}
	}
	for _, lb := range estate.All[*estate.LoadBalancer](e) {
		use(lb, estate.Str{}, estate.ToAll(e, lb.Subnets)...)
	}
	return out
}
