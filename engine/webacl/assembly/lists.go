package assembly

import (
	"strings"

	"fathom/diag"
	"fathom/engine/webacl/managed"
)

// ListKinds says which lists the managed rule groups take. An undecidable rule
// names the one that it lacks.
const ListKinds = "ip-reputation, ip-reconnaissance, ip-ddos, ip-anonymous, ip-hosting, bot-data-centers, bot:NAME or credentials"

// prefixes are the lists of addresses.
var prefixes = map[string]func(*managed.Options) **managed.Prefixes{
	"ip-reputation":     func(o *managed.Options) **managed.Prefixes { return &o.Reputation },
	"ip-reconnaissance": func(o *managed.Options) **managed.Prefixes { return &o.Reconnaissance },
	"ip-ddos":           func(o *managed.Options) **managed.Prefixes { return &o.DDoS },
	"ip-anonymous":      func(o *managed.Options) **managed.Prefixes { return &o.Anonymous },
	"ip-hosting":        func(o *managed.Options) **managed.Prefixes { return &o.Hosting },
	"bot-data-centers":  func(o *managed.Options) **managed.Prefixes { return &o.DataCenters },
}

// credentials is the kind of the list of stolen credentials.
const credentials = "credentials"

// IsList says whether a list is of a kind that the managed groups take.
func IsList(kind string) bool {
	name, isBot := strings.CutPrefix(kind, "bot:")
	return prefixes[kind] != nil || kind == credentials || isBot && name != ""
}

// AddList reads a list of a kind that IsList knows, from the text of a file.
func AddList(o *managed.Options, kind, file string, text []byte) (problems diag.Problems) {
	if kind == credentials {
		o.Compromised, problems = managed.ParseCredentials(file, text)
		return problems
	}
	list, problems := managed.ParsePrefixes(file, text)
	if bot, ok := strings.CutPrefix(kind, "bot:"); ok {
		if o.Bots == nil {
			o.Bots = map[string]*managed.Prefixes{}
		}
		o.Bots[bot] = list
	} else if at := prefixes[kind]; at != nil {
		*at(o) = list
	}
	return problems
}
