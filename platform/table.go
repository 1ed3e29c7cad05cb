package platform

import (
	"regexp"
	"time"
)

// The table: every key of a declaration, what its value looks like and what it
// means. The parser reads by it and Schema prints it.

const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
	year   = 365 * day
)

// nameRule says how names are written.
const nameRule = "write lower case letters, digits and dashes, a letter first, at most 40"

func texts(what, pattern, example string) *shape {
	return &shape{form: text, what: what, pattern: regexp.MustCompile(pattern), example: example}
}
func oneOf(words ...string) *shape            { return &shape{form: word, words: words} }
func whole(least, most int) *shape            { return &shape{form: number, min: least, max: most} }
func rec(fields ...field) *shape              { return &shape{form: record, fields: fields} }
func many(of *shape) *shape                   { return &shape{form: items, of: of} }
func some(of *shape) *shape                   { return &shape{form: items, of: of, some: true} }
func opt(k string, s *shape, d string) field  { return field{key: k, as: s, doc: d} }
func must(k string, s *shape, d string) field { return field{key: k, as: s, doc: d, need: true} }

func lasts(least, longest time.Duration, example string) *shape {
	return &shape{form: span, least: least, longest: longest, example: example}
}

func named(what string, of *shape) *shape {
	return &shape{form: names, pattern: namePattern, what: what, of: of}
}

var namePattern = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$`)

var (
	yes       = &shape{form: flag}
	aName     = &shape{form: text, what: "a name", pattern: namePattern, example: "orders"}
	dataName  = &shape{form: text, what: "a name of data", pattern: namePattern, example: "email"}
	storeName = &shape{form: text, what: "a name of a store", pattern: namePattern, example: "orders-db"}
	sentence  = &shape{form: text, what: "a sentence"}
	team      = texts("a team", `^[A-Za-z0-9][A-Za-z0-9._@ -]{0,62}$`, "checkout")
	group     = texts("a group", `^group/[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}$`, "group/sre")
	cidr      = texts("a network", `^[0-9a-fA-F.:]+/[0-9]{1,3}$`, "203.0.113.0/24")
	region    = texts("a region of AWS", `^[a-z]{2,4}(-[a-z]+)?-(central|north|northeast|northwest|south|southeast|southwest|east|west)-[1-9]$`, "eu-west-1")
	host      = texts("a host name", hostPattern, "shop.example.com")
	image     = texts("an image", `^[^\s]+$`, "shop/orders@sha256:…")
	version   = texts("a version", `^[0-9]+(\.[0-9]+){0,2}$`, `"1.35"`)
	// engineVersion has the forms of all engines: 17.5, 3.9.x, 8.0.mysql_aurora.3.10.1.
	engineVersion = texts("a version", `^[0-9]+(\.[0-9a-z_]+)*$`, `"17.5"`)
	country       = texts("a country", `^[A-Z]{2}$`, "KP")
	path          = texts("a path", `^[^\s]+$`, "/checkout")
	mail          = texts("an e-mail address", `^`+mailPattern+`$`, "oncall@shop.example.com")
	calendar      = &shape{form: date}
	instance      = texts("an instance type", `^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$`, "m7g.large")
	topicName     = texts("a topic", `^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$`, "order-events")
)

// hostPattern is a host name of at least two labels, in lower case.
const hostPattern = `^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$`

// mailPattern leaves out what mail servers take and shells, templates and forms
// stumble over.
const mailPattern = `[A-Za-z0-9._+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+`

// Names at GitHub, as they stand in workflows, trust policies and the names of
// folders. A branch may have more characters for git, among them those that end a
// string of a shell or begin an expression of GitHub's. Stars are let through to
// be refused with their reason.
const (
	repoPattern        = `^[A-Za-z0-9*?][A-Za-z0-9_*?-]{0,38}/[A-Za-z0-9_*?-][A-Za-z0-9._*?-]{0,99}$`
	branchPattern      = `^[A-Za-z0-9*?][A-Za-z0-9._/+@*?-]{0,199}$`
	workflowPattern    = `^[A-Za-z0-9*?][A-Za-z0-9._*?-]{0,99}$`
	environmentPattern = `^[A-Za-z0-9*?]([A-Za-z0-9._*?-]{0,61}[A-Za-z0-9*?])?$`
)

func bounds(least, most int) *shape {
	return rec(
		must("min", whole(least, most), "The least."),
		must("max", whole(least, most), "The most."),
	)
}

// root is the shape of a declaration.
var root = rec(
	must("platform", rec(
		must("name", texts("a name", `^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$`, "shopnow"), "The platform's name: lower case letters, digits and dashes, at most 20, as it begins the names of buckets and roles."),
		must("region", region, "The AWS region where it runs."),
		must("backupRegion", region, "Another region, in the same part of the world: copies of the data and the standby of the edge are there."),
		must("account", texts("an account", `^[0-9]{12}$`, `"111111111111"`), "The twelve digits of the AWS account, in quotes."),
		opt("organization", texts("an organisation", `^o-[a-z0-9]{10,32}$`, "o-a1b2c3d4e5"), "The id of the AWS organisation."),
		opt("unit", texts("a root, a unit or an account", `^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|[0-9]{12})$`, "ou-ab12-11111111"), "The root, unit or account of the organisation that its guardrails are attached to; the account where not declared."),
	), "What the platform is called and where it runs."),
	opt("network", rec(
		opt("cidr", cidr, "The range of the VPC, a /16 to /18; 10.20.0.0/16 where not declared."),
		opt("zones", some(oneOf("a", "b", "c", "d", "e", "f")), "The letters of two to four availability zones; a, b, c where not declared."),
		opt("nat", oneOf("one", "zone", "none"), "Ways out to the internet: one gateway, one in each zone (zone, where not declared), or none."),
	), "The address plan."),
	opt("cluster", rec(
		opt("version", version, `The version of Kubernetes, in quotes; "1.35" where not declared.`),
		opt("instance", instance, "The type of the nodes; m7g.large where not declared."),
		opt("nodes", bounds(1, 1000), "How many nodes; 3 to 12 where not declared."),
		opt("from", some(cidr), "Networks that reach the cluster's API besides the VPC's own; none where not declared."),
	), "The Kubernetes cluster."),
	must("mesh", rec(
		opt("version", version, "The version of Istio; 1.31.1 where not declared."),
		must("proxy", image, "The image of the proxies, by digest."),
		opt("trustDomain", texts("a trust domain", `^[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?$`, "shop.example"), "The trust domain of the services' identities; cluster.local where not declared."),
		opt("certificates", lasts(hour, 30*day, "24h"), "How long a service's certificate lives; 24h where not declared."),
		opt("mtls", oneOf("strict", "permissive", "disable"), "strict, which is also what it is where not declared: nothing else is accepted."),
	), "The service mesh."),
	must("edge", edgeShape, "What a request from the internet meets first."),
	opt("data", named("a name of data", dataShape), "The kinds of data, by name."),
	must("services", func() *shape { s := named("a name of a service", serviceShape); s.some = true; return s }(), "The services of the shop, by name."),
	opt("stores", named("a name of a store", storeShape), "Where data stays, by name."),
	opt("operators", named("a name of operators", operatorShape), "Groups of people and what they may do, by name."),
	must("breakGlass", rec(
		must("who", group, "Who may take it: group/NAME."),
		must("approve", group, "Who has to agree: another group."),
		opt("max", lasts(15*minute, 12*hour, "1h"), "How long it lasts; 1h where not declared."),
	), "The emergency way in."),
	must("pipeline", rec(
		must("repo", texts("OWNER/NAME of a repository", repoPattern, "shopnow/platform"), "The repository at GitHub: OWNER/NAME."),
		opt("repoId", texts("an id in digits", `^[0-9]{1,20}$`, `"702311845"`), "Its number at GitHub, which stays when its name is taken over."),
		opt("ownerId", texts("an id in digits", `^[0-9]{1,20}$`, `"91823301"`), "The number of its owner."),
		opt("branch", texts("a branch", branchPattern, "main"), "The branch that is deployed; main where not declared."),
		must("workflow", texts("a workflow's file", workflowPattern, "release.yml"), "The file in .github/workflows that deploys."),
		opt("environment", texts("an environment", environmentPattern, "production"), "The GitHub environment of deployments; production where not declared."),
	), "What deploys."),
	opt("logs", rec(
		must("keep", lasts(90*day, 10*year, "400d"), "How long logs are kept; 400d where not declared. PCI DSS asks for a year."),
	), "The logs."),
	must("notify", rec(
		must("oncall", texts("an e-mail address or an https address", `^(`+mailPattern+`|https://[A-Za-z0-9][A-Za-z0-9._~:/?#@!$&()*+,;=%-]*)$`, "oncall@shop.example.com"), "Who is called: an e-mail address, or the https address of a pager."),
		opt("phone", texts("a telephone number", `^\+[1-9][0-9]{6,14}$`, `"+4930123456"`), "The number, in quotes, with + and country, that AWS calls in an emergency; edge.shield wants one."),
		opt("email", mail, "The e-mail address of those on call where oncall is a pager's; needed where there is a phone."),
		opt("legal", mail, "The lawyers' e-mail address."),
		opt("privacy", mail, "The e-mail address of who answers for personal data."),
		opt("within", lasts(hour, 72*hour, "72h"), "How soon the authority is told of a breach; 72h where not declared, and at most (GDPR, article 33)."),
	), "Who is told."),
	opt("objectives", rec(
		opt("depth", many(depthShape), "How many controls have to stand between a start and what is to be kept."),
		opt("kpi", rec(
			opt("detect", lasts(minute, 30*day, "15m"), "The time in which an attack is seen."),
			opt("remediate", lasts(minute, 30*day, "4h"), "The time in which it is ended."),
			opt("rto", lasts(minute, 30*day, "30m"), "The time in which the shop is back (recovery time objective)."),
		), "The times that the team wants to keep."),
	), "What the team wants to be true."),
	opt("exceptions", many(rec(
		must("control", texts("a control", `^[a-z]+\.[a-z0-9-]+$`, "edge.waf-enforcing"), "The id of the control: fathom controls lists them."),
		opt("route", path, "The route of the edge that it is about; everywhere where none is declared."),
		opt("service", aName, "The service that it is about."),
		opt("store", storeName, "The store that it is about."),
		must("because", sentence, "The reason."),
		must("owner", team, "Who answers for it."),
		must("until", calendar, "The last day on which it holds: at most 90 days ahead."),
	)), "Controls that are knowingly less than present, for a while."),
)

var operatorShape = rec(
	must("who", group, "The group in the identity provider or IAM: group/NAME."),
	must("may", some(oneOf(Duties...)), "What it may do: logs (read them), restart (a service's rollout), shell (a session on a node), tunnel (a port of a store)."),
	opt("services", some(aName), "The services it may touch; all that do not stand apart where none is declared."),
	must("session", rec(
		must("max", lasts(15*minute, 12*hour, "1h"), "How long a session lasts at most."),
		must("approve", group, "Who approves it: another group."),
	), "How long a session lasts, and who approves it."),
)

var depthShape = rec(
	must("from", texts("a start", `^[^\s]+$`, "internet"), "Where an attacker begins: internet, credential (any stolen one) or credential/OPERATOR, pod (any) or pod/SERVICE, pipeline, flood, insider."),
	must("to", storeName, "A store, or a kind of data."),
	must("min", whole(1, 20), "How many controls at least."),
)
