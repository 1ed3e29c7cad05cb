package data

import (
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"fathom/control"
	"fathom/estate"
)

var cardTokens = control.Control{
	ID:       "data.card-tokens",
	Title:    "Card numbers are tokenised: no PAN outside the vault, its memory and its logs",
	Why:      "Every store and log with a card number in it is one more place to steal it from, and one more system in the scope of PCI DSS",
	Threats:  []control.Threat{control.Exfiltration},
	Phase:    control.MidTerm,
	Severity: control.High,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 3.2.1", "PCI DSS 4.0.1 3.3.1", "PCI DSS 4.0.1 3.4.1", "PCI DSS 4.0.1 3.5.1"},
	Check:    checkCardTokens,
	Defeat:   defeatTokens,
}

// checkCardTokens judges what files can show: which stores are said to hold
// card numbers, and whether the services that handle cards write what they
// receive to their logs. Of several stores with card numbers one may be the
// vault, and is known by its name or by a tag that says whose vault it is.
func checkCardTokens(e *estate.Estate) []control.Result {
	return append(cardStores(e), cardLogs(e)...)
}

func cardStores(e *estate.Estate) []control.Result {
	var vaults, others []store
	for _, s := range stores(e) {
		class, ok := classOf(s.Meta().Tags).Known()
		switch {
		case !ok || !isCardholder(class):
		case vaultOf(s.Meta().Tags) || anyWord(wordsOf(s.name, s.Meta()), "vault", "token", "tokens", "pan", "card", "cards", "cardholder"):
			vaults = append(vaults, s)
		default:
			others = append(others, s)
		}
	}
	var out []control.Result
	for _, s := range vaults {
		out = append(out, control.Is(s, control.Saw(s.Meta().Tags.Pos(), "the card vault: %s", s)))
	}
	for _, s := range others {
		at := or(s.Meta().Tags.Pos(), s.Meta().Pos)
		if len(vaults)+len(others) == 1 {
			out = append(out, control.Unsure(s, at, s.String()+" holds card data, and no file shows whether they are tokens or card numbers"))
			continue
		}
		out = append(out, control.Not(s, control.Mistake{
			At:       at,
			Summary:  s.String() + " holds card data beside " + beside(vaults, others, s),
			Fix:      "keep card numbers in one vault, store its tokens here, and give this store the class of what it holds then",
			Evidence: []control.Evidence{control.Saw(at, "class %s", classOf(s.Meta().Tags))},
		}))
	}
	return out
}

// tagVault says that a store is the vault of a service that tokenises: fathom:vault
// = settlement.
const tagVault = "fathom:vault"

func vaultOf(tags estate.Map) bool {
	service, known := tags.Get(tagVault).Known()
	return known && service != ""
}

// beside names another store with card data.
func beside(vaults, others []store, s store) string {
	if len(vaults) > 0 {
		return "the vault " + vaults[0].String()
	}
	if others[0].Meta() == s.Meta() {
		return others[1].String()
	}
	return others[0].String()
}

// bodyLog matches the name of a switch that writes requests to the log.
var bodyLog = regexp.MustCompile(`(?i)^(.*_)?(LOG|DUMP|TRACE)_?(HTTP_?)?(REQUESTS?|RESPONSES?)?_?(BODY|BODIES|PAYLOADS?)(_ENABLED)?$`)

func switchedOn(value string) bool {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "true", "1", "yes", "on", "full":
		return true
	}
	return false
}

// handlesCards says whether a service handles cards, by its name or its class.
func handlesCards(names []string, class string) bool {
	return isCardholder(class) || anyWord(names, "payment", "payments", "card", "cards", "checkout", "psp", "pan", "vault", "tokenizer", "tokeniser")
}

// cardLogs finds services that handle cards and log what they receive: PCI DSS
// 3.3.1 forbids to keep security codes after authorisation, in a log as
// anywhere. That none is found proves nothing, and gives no result.
func cardLogs(e *estate.Estate) []control.Result {
	const fix = "remove the switch, and log the token or the last four digits"
	var out []control.Result
	for _, w := range estate.All[*estate.Workload](e) {
		if !handlesCards(words(w.Name), objectClass(&w.Object)) {
			continue
		}
		w.Containers(func(c *corev1.Container, path []string) {
			for i, v := range c.Env {
				if !bodyLog.MatchString(v.Name) || !switchedOn(v.Value) {
					continue
				}
				at := w.AtPod(append(path, "env", itoa(i), "value")...)
				out = append(out, control.Not(w, control.Mistake{
					At: at, Fix: fix,
					Summary:  w.Kind + ` "` + w.Name + `" handles cards and writes what it receives to its log: ` + v.Name + " = " + v.Value,
					Evidence: []control.Evidence{control.Saw(at, "%s = %s", v.Name, v.Value)},
				}))
			}
		})
	}
	for _, l := range estate.All[*estate.Lambda](e) {
		class, _ := classOf(l.Tags).Known()
		if !handlesCards(wordsOf(l.Function, l.Meta()), class) {
			continue
		}
		for _, env := range l.Environment.Items {
			for _, name := range sortedNames(env.Variables) {
				v := env.Variables.Items[name]
				if value, ok := v.Known(); ok && bodyLog.MatchString(name) && switchedOn(value) {
					out = append(out, control.Not(l, control.Mistake{
						At: v.Pos(), Fix: fix,
						Summary: control.Named("function", l.Function, l.Meta()) + " handles cards and writes what it receives to its log: " + name + " = " + value,
					}))
				}
			}
		}
	}
	return out
}

// objectClass is the data class of a Kubernetes object, by its annotations and
// labels.
func objectClass(o *estate.Object) string {
	for _, m := range []map[string]string{o.Annotations, o.Labels} {
		best := ""
		for k := range m {
			if isClassKey(k) && (best == "" || k < best) {
				best = k
			}
		}
		if best != "" {
			return m[best]
		}
	}
	return ""
}
