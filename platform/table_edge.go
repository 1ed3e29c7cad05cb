package platform

var treatment = oneOf("allow", "count", "challenge", "captcha", "block")

var limitShape = rec(
	must("max", whole(1, 2_000_000_000), "How many requests, at least 10 (AWS WAF's least)."),
	opt("per", lasts(0, year, "5m"), "The window: 1m, 2m, 5m or 10m, which are those of AWS WAF; 5m where not declared."),
	opt("by", texts("ip, session or header:NAME", `^[^\s]+$`, "ip"), "Whose requests are counted together: ip, session (clients.cookie), or header:NAME; ip where not declared."),
)

var edgeShape = rec(
	must("domains", some(host), "The host names; the first is the shop's own."),
	must("zone", host, "The DNS zone that holds them."),
	opt("waf", oneOf("block", "count"), "What the rules do; block where not declared."),
	opt("originSecret", rec(
		must("rotate", lasts(day, 365*day, "30d"), "A new value so often; 30d where not declared."),
		must("overlap", lasts(10*minute, 30*day, "24h"), "How long the old value is still good; 24h where not declared."),
	), "The secret that CloudFront sends to the load balancer."),
	opt("geo", rec(
		opt("deny", many(country), "Countries that are turned away (ISO 3166-1, two letters)."),
		opt("challenge", many(country), "Countries whose browsers have to prove themselves."),
	), "What becomes of requests by country."),
	opt("bots", rec(
		opt("verified", treatment, "Bots that say truly who they are, such as search engines; allow where not declared."),
		opt("suspect", treatment, "What looks like a bot; challenge where not declared."),
		opt("automated", treatment, "Tools such as curl; block where not declared."),
	), "What becomes of bots."),
	opt("clients", rec(
		opt("cookie", texts("a cookie's name", "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$", "shop-session"), "The name of the session cookie, which a limit by session counts by."),
		opt("header", texts("a header and what it begins with", `^[A-Za-z0-9-]+: ?.+$`, `"x-shop-client: web/"`), "A header that the shop's own pages and apps add, and what its value begins with."),
		opt("mobile", many(path), "Paths whose requests are signed by the shop's apps."),
		opt("window", lasts(10e9, hour, "5m"), "How old a signed request may be; 5m where not declared."),
	), "How the shop's own clients prove themselves."),
	opt("waitingRoom", rec(
		must("path", path, "The path that visitors queue for."),
		must("admit", &shape{form: rate}, "How many are let in a second: 400/s."),
	), "Holds visitors back when there are too many."),
	opt("canary", &shape{form: share, min: 1, max: 15}, "The share of requests that meets a changed web ACL first: 1% to 15%, CloudFront's limit; 5% where not declared."),
	must("limit", limitShape, "The limit for whatever has none of its own."),
	opt("shield", yes, "Whether Shield Advanced is subscribed to; false where not declared."),
	must("routes", some(routeShape), "Which path goes to which service."),
	opt("exempt", many(rec(
		must("rule", texts("a rule's name", `^[A-Za-z0-9_-]{1,128}$`, "SizeRestrictions_BODY"), "The rule's name in its group."),
		must("path", texts("a regular expression", `^.+$`, "^/upload$"), "A regular expression for the whole path: it begins with ^ and ends with $."),
		must("because", sentence, "The reason."),
		must("owner", team, "Who answers for it."),
		must("until", calendar, "The last day on which it holds: at most 90 days ahead."),
	)), "Requests that single managed rules take wrongly for attacks: those rules only count them, for a while."),
)

var routeShape = rec(
	must("path", path, "Begins with a slash; a star at its end stands for the rest."),
	must("to", aName, "The service."),
	opt("priority", oneOf("critical", "degraded", "sheddable"), "What is given up first in a flood; degraded where not declared."),
	opt("limit", limitShape, "The route's own limit."),
	opt("challenge", yes, "Ask browsers for a proof."),
	opt("form", oneOf("login", "signup", "recover", "checkout"), "What the path is; told from the path where not declared."),
	opt("methods", some(oneOf("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")), "The methods that are let through; all where not declared."),
)
