package platform_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fathom/platform"
)

// change is what somebody changes in the shop, and the one problem that it makes:
// what stands where the problem is, and words of it. A change without words makes
// none.
type change struct {
	edits []edit
	at    string
	says  string
}

func one(old, new, at, says string) change { return change{[]edit{{old, new}}, at, says} }

func fine(old, new string) change { return change{edits: []edit{{old, new}}} }

func (c change) name() string { return c.edits[0].new }

func run(t *testing.T, changes []change) {
	t.Helper()
	for _, c := range changes {
		t.Run(c.name(), func(t *testing.T) {
			text := shop(t)
			for _, e := range c.edits {
				text = e.on(t, text)
			}
			p, problems := platform.Parse("shop.yaml", text, options)
			if c.says == "" {
				if p == nil || len(problems) > 0 {
					t.Errorf("got problems: %v", problems)
				}
				return
			}
			if p != nil || len(problems) != 1 {
				t.Fatalf("want one problem that says %q; got %d: %v", c.says, len(problems), problems)
			}
			x := problems[0]
			lines := strings.Split(string(text), "\n")
			if here := lines[x.Line-1][x.Column-1:]; !strings.HasPrefix(here, c.at) {
				t.Errorf("the problem is at %q, want it at %q", here, c.at)
			}
			if !strings.Contains(x.Error(), c.says) {
				t.Errorf("%s\ndoes not say %q", x.Error(), c.says)
			}
			if x.Fix == "" {
				t.Errorf("%s\nhas no fix", x.Error())
			}
		})
	}
}

func TestPlaceAndNetwork(t *testing.T) {
	run(t, []change{
		one("backupRegion: eu-central-1", "backupRegion: eu-west-1", "eu-west-1", "backupRegion is the region itself"),
		one("backupRegion: eu-central-1", "backupRegion: us-east-1", "us-east-1", "it would leave its region's law"),
		one("backupRegion: eu-central-1", "backupRegion: eu-central", "eu-central", "is not a region of AWS"),
		fine("backupRegion: eu-central-1", "backupRegion: eu-north-1"),
		one("  organization: o-a1b2c3d4e5\n", "  unit: ou-ab12-11111111\n", "ou-", "no organization"),
		fine("  organization: o-a1b2c3d4e5\n", ""),
		one("10.20.0.0/16", "10.20.1.0/16", "10.20.1.0/16", "write 10.20.0.0/16"),
		one("10.20.0.0/16", "10.20.0.0/20", "10.20.0.0/20", "make it a /16, /17 or /18"),
		one("10.20.0.0/16", "10.0.0.0/8", "10.0.0.0/8", "AWS allows no more than a /16"),
		one("10.20.0.0/16", "8.8.0.0/16", "8.8.0.0/16", "is not a private one"),
		one("10.20.0.0/16", "172.20.0.0/18", "172.20.0.0/18", "EKS gives to Services"),
		one("10.20.0.0/16", "10.20.0.0", "10.20.0.0", "is not a network"),
		fine("10.20.0.0/16", "192.168.0.0/17"),
		one("zones: [a, b, c]", "zones: [a]", "[a]", "goes down with it"),
		fine("zones: [a, b, c]", "zones: [a, b]"),
		one("nat: zone", "nat: none", "[{host", "there is no way out"),
		one("nodes: {min: 3, max: 24}", "nodes: {min: 24, max: 3}", "24", "write {min: 3, max: 24}"),
		one("[198.51.100.0/24]", "[0.0.0.0/0]", "0.0.0.0/0", "is the whole internet"),
		one("[198.51.100.0/24]", "[198.0.0.0/8]", "198.0.0.0/8", "a large part of the internet"),
		one("[198.51.100.0/24]", "[10.1.0.0/16]", "10.1.0.0/16", "is a private network"),
		one("addresses: [203.0.113.0/24]", "addresses: ['2001:db8::/48']", "'2001", "pods have addresses of IPv4"),
		one("[198.51.100.0/24]", "['2001:db8::/32']", "'2001", "a network of IPv6"),
		{[]edit{{"region: eu-west-1", "region: us-gov-west-1"}, {"backupRegion: eu-central-1", "backupRegion: us-east-1"}}, "us-gov", "a partition of its own"},
		{[]edit{{"region: eu-west-1", "region: cn-north-1"}, {"class: personal, ", "class: internal, "}, {"class: cardholder", "class: internal"}}, "cn-north-1", "a partition of its own"},
		one("backupRegion: eu-central-1", "backupRegion: eu-isoe-west-1", "eu-isoe", "a partition of its own"),
		one("backupRegion: eu-central-1", "backupRegion: eu-southwest-foo-1", "eu-southwest", "is not a region of AWS"),
		one("backupRegion: eu-central-1", "backupRegion: eusc-de-east-1", "eusc", "a partition of its own"),
	})
}

func TestMeshAndImages(t *testing.T) {
	proxy := "@sha256:b41478240fa4c9cc07749c726e4cf2bc2e86c588f2d8bcc3a97c45a59f8d8c8d"
	run(t, []change{
		one("mesh: {", "mesh: {mtls: permissive, ", "permissive", "permissive takes plaintext from anyone"),
		one("mesh: {", "mesh: {mtls: disable, ", "disable", "nobody knows who calls"),
		fine("mesh: {", "mesh: {mtls: strict, "),
		one(proxy, "", "istio/proxyv2", "has no digest"),
		one(proxy, ":1.31.1", "istio/proxyv2", "has no digest"),
		one("istio/proxyv2"+proxy, "istio/proxyv2:1.31.1"+proxy, "istio", "has a tag besides its digest"),
		one("istio/proxyv2"+proxy, "docker.io/istio/proxyv2"+proxy, "docker.io", "names a registry"),
		one(proxy, "@sha256:b41", "istio/proxyv2", "is no digest"),
		one("shop/search@", "Shop/Search@", "Shop", "not the name of a repository"),
		one("mesh: {", "mesh: {trustDomain: 'spiffe://shop', ", "'spiffe", "is a SPIFFE id"),
	})
}

func TestEdge(t *testing.T) {
	run(t, []change{
		one("[shop.example.com]", "[shop.example.org]", "shop.example.org", "not in the zone"),
		one("[shop.example.com]", "[\"*.example.com\"]", `"*.`, "is not a host name"),
		fine("[shop.example.com]", "[example.com, www.example.com]"),
		one("waf: block", "waf: count", "count", "nobody answers for it"),
		{[]edit{{"waf: block", "waf: count"}, {"route: /login, because", "because"}}, "", ""},
		one("overlap: 24h", "overlap: 30d", "{rotate", "no secret ever ends"),
		one("deny: [KP]", "deny: [UK]", "UK", "write GB"),
		one("deny: [KP]", "deny: [ZZ]", "ZZ", "no country"),
		one("deny: [KP]", "deny: [kp]", "kp", "is not a country"),
		one("deny: [KP]", "deny: [RU]", "RU", "who is turned away is never asked"),
		fine("deny: [KP]", "deny: [NO]"),
		one(`"x-shop-client: web/"`, `"x-shop-client:  "`, `"x-shop`, "has no value"),
		one(`"x-shop-client: web/"`, `"user-agent: shop"`, `"user`, "every browser and script"),
		one(`"x-shop-client: web/"`, `"x-shop-client: `+strings.Repeat("w", 201)+`"`, `"x-shop`, "8 KB"),
		one("mobile: [/api/mobile/*]", "mobile: [/apps/*]", "/apps/*", "no route leads to"),
		one("{path: /checkout, admit", "{path: /pay, admit", "/pay", "nobody waits there"),
		one("{max: 3000, per: 5m, by: ip}", "{max: 3000, per: 15m, by: ip}", "15m", "AWS WAF counts no requests in 15m"),
		one("{max: 3000, per: 5m, by: ip}", "{max: 3000, per: 5m, by: country}", "country", "nobody counts by"),
		one("{max: 50, per: 5m, by: ip}", "{max: 5, per: 5m, by: ip}", "5,", "less than AWS WAF can count"),
		one("{max: 50, per: 5m, by: ip}", "{max: 50, per: 5m, by: header:X-Device}", "header:X-Device", "write header:x-device"),
		fine("{max: 50, per: 5m, by: ip}", "{max: 50, per: 1m, by: header:x-device}"),
		one("deny: [KP]", "deny: ["+strings.Join(strings.Fields("AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU"), ", ")+"]", "[AD", "there are 51 countries"),
		one("    cookie: shop-session\n", "", "session", "counts by the session cookie"),
	})
}

// limited are so many routes with limits.
func limited(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("    - {path: /r%d, to: orders, limit: {max: 20}}\n", i))
	}
	return out
}

func TestRoutes(t *testing.T) {
	run(t, []change{
		one("{path: /search/*, to: search,", "{path: /search/*, to: serch,", "serch", `did you mean "search"?`),
		one("{path: /search/*, to: search,", "{path: search/*, to: search,", "search/*", "does not begin with a slash"),
		one("{path: /search/*, to: search,", "{path: /s/*/x, to: search,", "/s/*/x", "a star in the middle"),
		one("{path: /search/*, to: search,", "{path: \"/search?q=*\", to: search,", `"/search`, "has a query"),
		one("{path: /search/*, to: search,", "{path: /a/../b, to: search,", "/a/..", "proxies take away"),
		one("{path: /search/*, to: search,", "{path: /checkout, to: search,", "/checkout", "has a route already"),
		one("{path: /search/*, to: search,", "{path: /search/*, to: mailer,", "mailer", "speaks tcp"),
		one("to: orders, limit: {max: 50, per: 5m, by: ip}, ", "to: orders, ", "/login", "has no limit of its own"),
		one("{max: 50, per: 5m, by: ip}", "{max: 600, per: 1m, by: ip}", "{max: 600", "no lower than the general one"),
		fine("{max: 50, per: 5m, by: ip}", "{max: 599, per: 1m, by: ip}"),
		one("{path: /api/mobile/*, to: orders,", "{path: /api/mobile/sign-up, to: orders,", "/api", "is a sign-up and has no limit"),
		one("{path: /api/mobile/*, to: orders,", "{path: /api/mobile/*, form: recover, to: orders,", "/api", "is for forgotten passwords"),
		one("{path: /api/mobile/*, to: orders,", "{path: /api/mobile/*, challenge: true, to: orders,", "true", "run no script"),
		one("    - {path: /api/mobile/*,", strings.Join(limited(7), "")+"    - {path: /api/mobile/*,", "{max: 20}", "limit number 11"),
		fine("    - {path: /api/mobile/*,", strings.Join(limited(6), "")+"    - {path: /api/mobile/*,"),
		one("methods: [GET]", "methods: [POST], challenge: true", "true", "takes no GET"),
		fine("methods: [GET]", "methods: [GET, HEAD], challenge: true"),
	})
}

func TestDataAndFlow(t *testing.T) {
	run(t, []change{
		one(", tokenise: payments", ", tokenise: payment", "payment", `did you mean "payments"?`),
		one(", tokenise: payments", "", "{class", "no service tokenises it"),
		one("{class: personal, erase: {by: customer, within: 30d}, keep: 730d}", "{class: personal}", "{class", "nothing ever ends"),
		fine(", erase: {by: customer, within: 30d}", ""),
		fine(", keep: 730d", ""),
		one("  catalogue: {class: public}\n", "  catalogue: {class: public}\n  phone: {class: personal, keep: 1y}\n", "{class", "no service handles it"),
		one("  catalogue: {class: public}\n", "  catalogue: {class: public}\n  card-vault: {class: personal, keep: 1y}\n", "{class", "the name of a store too"),
		one("handles: [pan]", "handles: []", "payments", "does not handle it"),
		one("handles: [email, order]", "handles: [email, order, pan]", "pan", `only "payments" sees the real value`),
		one("handles: [email, order]", "handles: [email, order, phone]", "phone", "there is no kind of data"),
		one("handles: [email]", "handles: []", `"s3`, `does not say that it handles it`),
		one("handles: [catalogue, order]", "handles: [catalogue]", "{consume", `"order" (internal data) reaches service "search" by store "events"`),
		fine("handles: [catalogue, order]", "handles: [order]"), // public data may go anywhere
		one("stores: {cache: read,", "stores: {cache: read, card-vault: read,", "read, e", `only "payments" may see its real values`),
		{[]edit{{"key: own, isolate: true,", "isolate: true,"}, {"    aws: [\"kms:GenerateDataKey, kms:Decrypt on card-vault\"]\n", ""}}, "pan", "add key: own"},
		{[]edit{{"key: own, isolate: true,", "key: own,"}, {"    handles: [pan]\n", "    handles: [pan]\n    isolate: true\n"}}, "pan", "add isolate: true"},
		one(", privacy: privacy@shop.example.com", "", "{oncall", "nobody is named whom a breach of it is told"),
	})
}

func TestServices(t *testing.T) {
	run(t, []change{
		one(`search: ["GET /products/*"], mailer`, `serch: ["GET /products/*"], mailer`, `["GET`, `did you mean "search"?`),
		one(`search: ["GET /products/*"], mailer`, `orders: ["GET /products/*"], mailer`, `["GET`, "calls itself"),
		one(`mailer: []`, `mailer: ["POST /mail"]`, `["POST`, "never lets anything through"),
		one(`"GET /products/*"`, `"FETCH /products/*"`, `"FETCH`, "begins with no method"),
		one(`"GET /products/*"`, `"GET products/*"`, `"GET`, "does not begin with a slash"),
		one(`"GET /products/*"`, `"GET"`, `"GET"`, "names no path"),
		fine(`"GET /products/*"`, `"/products/*"`),
		one("replicas: {min: 3, max: 60}", "replicas: {min: 60, max: 3}", "60", "has a min of 60 and a max of 3"),
		{[]edit{{"mailer: []", "gateway: []"}, {"  mailer:\n", "  gateway:\n"}}, "gateway:", "has the name of the pods"},
		one("port: 2525", "port: 15021", "15021", "the mesh's proxy"),
		one("port: 2525", "port: 80", "80", "write a number from 1024"),
		one("    owner: discovery\n", "    owner: discovery\n    namespace: kube-system\n", "kube-system", "not for services"),
		one("    owner: discovery\n", "    owner: discovery\n    namespace: kyverno\n", "kyverno", "not for services"),
		one("    owner: discovery\n", "    owner: discovery\n    namespace: payments\n", "payments:", "stands apart, and shares namespace"),
		fine("    owner: discovery\n", "    owner: discovery\n    namespace: finding\n"),
		one("host: api.psp.example", `host: "*.psp.example"`, `"*`, "is a wildcard"),
		one("host: api.psp.example", "host: 203.0.113.9", "203", "is an address"),
		one("host: api.psp.example", "host: https://api.psp.example", "https", "is a URL"),
		one("host: api.psp.example", `host: "api.psp.example:443"`, `"api`, "has the port in the host"),
		one("host: api.psp.example", "host: psp", "psp", "not a host's full name"),
		one("203.0.113.0/24", "10.1.0.0/24", "10.1", "is a private network"),
		one("203.0.113.0/24", "203.0.0.0/8", "203", "a large part of the internet"),
	})
}

func TestStores(t *testing.T) {
	run(t, []change{
		one("stores: {orders-db: write, cache: write,", "stores: {orders-db: write, cash: write,", "write", `did you mean "cache"?`),
		one("  cache: {engine: redis, owner: discovery, holds: [catalogue]}\n", "  cache: {engine: redis, owner: discovery, holds: [catalogue]}\n  spare: {engine: redis, owner: x}\n", "{engine", "no service uses store"),
		one("cache: {engine: redis, owner: discovery, holds: [catalogue]}", "cache: {engine: redis, owner: discovery, holds: [catalog]}", "catalog", `did you mean "catalogue"?`),
		one("events: {produce: [order-events]}", "events: write", "write", "is a stream"),
		one("orders-db: write", "orders-db: {produce: [order-events]}", "{produce", "only a stream has topics"),
		one("events: {produce: [order-events]}", "events: {}", "{}", "neither produces nor consumes"),
		one("produce: [order-events]", "produce: [orders-events]", "orders-events", `did you mean "order-events"?`),
		one("topics: {order-events: {keep: 7d}}", "topics: {order-events: {keep: 7d}, returns: {}}", "{}", "no service produces or consumes"),
		fine("topics: {order-events: {keep: 7d}}", "topics: {order-events: {}}"),
		one("cache: {engine: redis,", "cache: {engine: redis, lock: {mode: compliance, keep: 1d},", "{mode", "only a bucket has a lock"),
		one("cache: {engine: redis,", "cache: {engine: redis, backup: {every: 1h, keep: 2d, immutable: 1d},", "{every", "databases and buckets"),
		one("cache: {engine: redis,", "cache: {engine: redis, topics: {},", "{}", "only a stream has topics"),
		one("cache: {engine: redis,", "cache: {engine: redis, size: db.r7g.large,", "db.", "no type of instance for redis"),
		one(", backup: {every: 1h, keep: 35d, immutable: 14d}", "", "{engine", "has no backup"),
		one("{every: 1h, keep: 35d, immutable: 14d}", "{every: 5h, keep: 35d, immutable: 14d}", "5h", "same times of each day"),
		one("{every: 1h, keep: 35d, immutable: 14d}", "{every: 1h, keep: 7d, immutable: 14d}", "14d", "may not be deleted for 14d"),
		one("lock: {mode: compliance, keep: 400d}, keep: 2y", "lock: {mode: compliance, keep: 400d}, keep: 1y", "400d", "locked for 400d"),
		{[]edit{{"  orders-db: {", "  volumes: {"}, {"{orders-db: write", "{volumes: write"}}, "{engine", "the platform's own keys"},
		{[]edit{{"  name: shop\n", "  name: a-name-of-twenty-wxyz\n"}}, "a-name", "is not a name"},
		{[]edit{
			{"  invoices: {", "  invoices-that-customers-may-fetch: {"},
			{"invoices: write", "invoices-that-customers-may-fetch: write"},
			{"on invoices/", "on invoices-that-customers-may-fetch/"},
			{"  name: shop\n", "  name: a-long-name-indeed\n"},
		}, "{engine", "S3 allows 63"},
	})
}

func TestPermissions(t *testing.T) {
	old := "s3:GetObjectVersion on invoices/signed/*"
	run(t, []change{
		one(old, "s3:* on invoices", `"s3`, "is a wildcard"),
		one(old, "s3:GetObjectVersion on *", `"s3`, "is on everything"),
		one(old, "s3:GetObjectVersion on invoice", `"s3`, `did you mean "invoices"?`),
		one(old, "s3:GetObjectVersion on invoices/*/x", `"s3`, "in the middle of its path"),
		one(old, "GetObjectVersion on invoices", `"Get`, "is not an action"),
		one(old, "rds:DescribeDBClusters on invoices", `"rds`, "use actions of kms or s3"),
		one(old, "kms:Decrypt on invoices", `"kms`, "add key: own"),
		one(old, "s3:PutBucketPolicy on invoices", `"s3`, "a step to more permissions"),
		one(old, "s3:PutObjectAcl on invoices", `"s3`, "changes the rules of the resource"),
		one(old, "s3:BypassGovernanceRetention on invoices", `"s3`, "takes away data or what keeps it"),
		one(old, "iam:PassRole on arn:aws:iam::111111111111:role/x", `"iam`, "a step to more permissions"),
		one(old, "iam:CreateServiceLinkedRole on arn:aws:iam::111111111111:role/x", `"iam`, "changes who may do what"),
		one(old, "sts:AssumeRoleWithSAML on arn:aws:iam::111111111111:role/x", `"sts`, "makes another role"),
		one(old, "lambda:UpdateFunctionCode on arn:aws:lambda:eu-west-1:111111111111:function:f", `"lambda`, "a step to more permissions"),
		one(old, "s3:GetObject on arn:aws:s3:::*", `"s3`, "on everything of a kind"),
		one(old, "s3:GetObject on arn:aws:s3", `"s3`, "not a whole ARN"),
		one(old, "s3:GetObject on arn:aws:s3:::a*b/x", `"s3`, "has a wildcard in its middle"),
		one(old, "sqs:SendMessage on arn:aws:sqs:eu-west-1:222222222222:q", `"sqs`, "is in another account"),
		one(old, "sqs:SendMessage on arn:aws:sns:eu-west-1:111111111111:t", `"sqs`, "is one of sns"),
		one(old, "s3:GetObjectVersion, s3:GetObject to invoices", `"s3`, "is not a permission"),
		one("kms:GenerateDataKey, kms:Decrypt on card-vault", "kms:GenerateDataKey, kms:Decrypt on card-vault/x", `"kms`, "has no paths"),
		fine(old, "sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:queue"),
		fine(old, "s3:GetObject, s3:ListBucket on invoices"),
		fine(old, "secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:111111111111:secret:psp-*"),
	})
}

// What a shell, a template or an expression would take for its own is refused
// where a name is meant; a sentence may have all of it.
func TestNamesForOtherTongues(t *testing.T) {
	run(t, []change{
		one("branch: main", "branch: 'main\"$(id)'", "'main", "is not a branch"),
		one("branch: main", "branch: '${{github.token}}'", "'${{", "is not a branch"),
		one("branch: main", "branch: \"it's\"", `"it's"`, "is not a branch"),
		fine("branch: main", "branch: release/2026-11_a.b"),
		{[]edit{{"mobile: [/api/mobile/*]", "mobile: ['/api/m;v=1/*']"}, {"{path: /api/mobile/*", "{path: '/api/m;v=1/*'"}}, "'/api", "by which CloudFront tells no path"},
		one("repo: shop/platform", "repo: 'shop/a`id`'", "'shop", "is not OWNER/NAME"),
		one("workflow: release.yml", "workflow: release.yml, environment: ..", "..", "is not an environment"),
		one("workflow: release.yml", "workflow: release.yml, environment: 'a{{b}}'", "'a", "is not an environment"),
		one("workflow: release.yml", "workflow: 'a;b.yml'", "'a;b", "is not a workflow's file"),
		one("oncall: oncall@", "oncall: on$(id)@", "on$", "is not an e-mail address"),
		one("on invoices/signed/*", "on invoices/${aws:username}/*", `"s3:`, "is not a permission"),
		one("on invoices/signed/*", "on invoices/a'b/*", `"s3:`, "is not a permission"),
		one("because: tuning the", "because: \"a\\u202Eb\", owner: o, until: 2026-12-05} #", `"a`, "invisible characters"),
		fine("because: tuning the", "because: \"x' \\\" \\\\ ` ${path.module} %{if true} ${{ github.token }} {{ .Values }} $(id) # */ <!-- é ☃\", owner: o, until: 2026-12-05} #"),
	})
}

func TestPeopleAndPipeline(t *testing.T) {
	run(t, []change{
		one("session: {max: 2h, approve: group/leads}", "session: {max: 2h, approve: group/dba}", "group/dba", "approves its own sessions"),
		one("session: {max: 2h, approve: group/leads}", "session: {max: 13h, approve: group/leads}", "13h", "make it at most 12h"),
		one("may: [tunnel], services: [payments]", "may: [tunnel], services: [payment]", "payment]", `did you mean "payments"?`),
		one("may: [tunnel], services: [payments]", "may: [tunnel]", "tunnel", "may tunnel to every store"),
		one("may: [tunnel], services: [payments]", "may: [tunnel], services: [mailer]", "mailer", "uses no store that has a port"),
		one("may: [tunnel], services", "may: [tunel], services", "tunel", `did you mean "tunnel"?`),
		one("who: group/dba", "who: arn:aws:iam::111111111111:user/x", "arn", "is not a group"),
		one("{who: group/sre, approve: group/leads, max: 1h}", "{who: group/sre, approve: group/sre, max: 1h}", "group/sre, max", "one stolen credential is enough"),
		one("breakGlass: {who: group/sre, approve: group/leads, max: 1h}\n", "", "platform:", `has no "breakGlass"`),
		one("repo: shop/platform", "repo: shop/*", "shop/*", "has a wildcard"),
		one("repo: shop/platform", "repo: platform", "platform", "is not OWNER/NAME"),
		one("branch: main", "branch: release-*", "release-*", "has a wildcard"),
		one("branch: main", "branch: refs/heads/main", "refs", "write main"),
		one("workflow: release.yml", "workflow: release", "release", "ends neither in .yml nor in .yaml"),
		one("workflow: release.yml", "workflow: nightly.yml", "nightly", "rendered besides"),
		fine("workflow: release.yml", "workflow: release.yaml, environment: live"),
	})
}

func TestAims(t *testing.T) {
	run(t, []change{
		one("{from: internet,", "{from: internett,", "internett", `did you mean "internet"?`),
		one("{from: internet,", "{from: pod/orderz,", "pod/orderz", `did you mean "orders"?`),
		one("{from: pod/search, to: email", "{from: pod/orders, to: email", "pod/orders", "nothing stands between its pods"),
		one("to: card-vault, min", "to: card-volt, min", "card-volt", `did you mean "card-vault"?`),
		one("credential/oncall", "credential/onkall", "credential/onkall", `did you mean "oncall"?`),
		one("min: 4}", "min: 0}", "0", "write a number from 1"),
		fine("{from: internet,", "{from: flood,"),
		fine("{from: internet,", "{from: insider,"),
		one("control: edge.waf-enforcing", "control: edge.waf-enforcin", "edge.waf-enforcin", `did you mean "edge.waf-enforcing"?`),
		one("{control: edge.waf-enforcing, route: /login,", "{control: edge.waf-enforcing, route: /log-in,", "/log-in", `did you mean "/login"?`),
		one("{control: edge.waf-enforcing, route: /login,", "{control: data.backups, store: orders,", "orders", `did you mean "orders-db"?`),
		one("owner: security, until", "until", "{control", `has no "owner"`),
		one("owner: security, until: 2026-12-05", "owner: security, until: 2026-11-21", "2026-11-21", "ended on 2026-11-21"),
		one("owner: security, until: 2026-12-05", "owner: security, until: 2027-02-21", "2027-02-21", "no later than 2027-02-20"),
		fine("owner: security, until: 2026-12-05", "owner: security, until: 2026-11-22"),
		fine("owner: security, until: 2026-12-05", "owner: security, until: 2027-02-20"),
		one("owner: web, until: 2026-12-20", "owner: web, until: 2026-01-20", "2026-01-20", "ended on"),
		one("rule: SizeRestrictions_BODY", "rule: SizeRestriction_BODY", "SizeR", `did you mean "SizeRestrictions_BODY"?`),
		one("path: ^/upload$", "path: /upload", "/upload", "an attacker adds that piece"),
		one("path: ^/upload$", "path: ^/upload", "^/upload", "an attacker adds that piece"),
		one("path: ^/upload$", "path: ^/upload$|^/import", "^/upload", "each of its alternatives"),
		one("path: ^/upload$", "path: \"(?m)^/upload$\"", `"(?m)`, "is open"),
		one("path: ^/upload$", "path: \"^/(upload$\"", `"^/(`, "not a regular expression"),
		one("path: ^/upload$", "path: \"^/(?=upload)$\"", `"^/(?=`, "without look-around"),
		fine("path: ^/upload$", "path: \"^/(upload|import)(/[0-9]+)?$\""),
	})
}

// Without a day no date is looked at; without lists no ids are.
func TestWhatIsNotAskedIsNotChecked(t *testing.T) {
	text := edit{"until: 2026-12-05", "until: 2006-12-05"}.on(t, shop(t))
	text = edit{"control: edge.waf-enforcing", "control: edge.unheard-of"}.on(t, text)
	text = edit{"rule: SizeRestrictions_BODY", "rule: Unheard_of"}.on(t, text)
	if _, problems := platform.Parse("shop.yaml", text, platform.Options{}); len(problems) > 0 {
		t.Error(problems)
	}
	if _, problems := platform.Parse("shop.yaml", text, options); len(problems) != 3 {
		t.Errorf("want three problems: %v", problems)
	}
	late := options
	late.Today = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, problems := platform.Parse("shop.yaml", shop(t), late); len(problems) != 2 {
		t.Errorf("want an exception and an exemption that ended: %v", problems)
	}
}

func TestWhoIsToldInAnEmergency(t *testing.T) {
	const phone, mail = `phone: "+4930123456", `, "oncall: oncall@shop.example.com"
	const pager = "oncall: https://pager.example/shop"
	noShield := edit{"  shield: true\n", ""}
	run(t, []change{
		one(phone, "", "{oncall", "there is no number that AWS calls when a flood begins"),
		{[]edit{noShield, {phone, ""}}, "", ""},
		one(mail, pager, "https", "a pager's address takes no e-mail"),
		{[]edit{noShield, {mail, pager}}, "https", "a pager's address takes no e-mail"},
		{[]edit{noShield, {phone, ""}, {mail, pager}}, "", ""},
		fine(mail, pager+", email: sre@shop.example.com"),
		one(phone, "phone: +4930123456, ", "+49", "without quotes"),
		one(phone, `phone: "030 123456", `, `"030`, "not a telephone number"),
		one(mail, pager+", email: https://pager.example/", "https://pager.example/,", "not an e-mail address"),
	})
}

func TestEmergencyMail(t *testing.T) {
	if p := parsed(t, shop(t)); p.Notify.Email != "oncall@shop.example.com" || p.Notify.Phone != "+4930123456" {
		t.Errorf("got %+v", p.Notify)
	}
	text := edit{"phone:", "email: sre@shop.example.com, phone:"}.on(t, shop(t))
	if p := parsed(t, text); p.Notify.Email != "sre@shop.example.com" {
		t.Errorf("what is declared is not taken: %+v", p.Notify)
	}
}
