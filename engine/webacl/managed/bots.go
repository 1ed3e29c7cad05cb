package managed

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/webacl"
)

// categories are the rules of the bots' categories, in order.
var categories = []struct{ rule, category string }{
	{"CategoryAdvertising", "advertising"},
	{"CategoryArchiver", "archiver"},
	{"CategoryContentFetcher", "content_fetcher"},
	{"CategoryEmailClient", "email_client"},
	{"CategoryHttpLibrary", "http_library"},
	{"CategoryLinkChecker", "link_checker"},
	{"CategoryMiscellaneous", "miscellaneous"},
	{"CategoryMonitoring", "monitoring"},
	{"CategoryPagePreview", "page_preview"},
	{"CategoryScrapingFramework", "scraping_framework"},
	{"CategorySearchEngine", "search_engine"},
	{"CategorySecurity", "security"},
	{"CategorySeo", "seo"},
	{"CategorySocialMedia", "social_media"},
	{"CategoryWebhooks", "webhooks"},
	{"CategoryAI", "ai"},
}

var botBasis = standIn("a table of bots of Fathom's own and the addresses that the user gives")

// botRules is Bot Control.
func botRules(b *builder) []webacl.Rule {
	b.checkBots()
	var rules []webacl.Rule
	for i, c := range categories {
		rules = append(rules, b.rule(c.rule, webacl.Block, botBasis, b.category(c.category, i == 0)))
	}
	rules = append(rules,
		b.rule("SignalAutomatedBrowser", webacl.Block, standIn("words of Fathom's own in the user agent"), b.automatedBrowser()),
		b.dataCenter(),
		b.rule("SignalNonBrowserUserAgent", webacl.Block, standIn("the shape of the user agent and of the headers"), b.nonBrowser()))
	if b.ref.Config.Targeted {
		rules = append(rules, b.targeted()...)
	}
	return rules
}

// checkBots refuses addresses of bots that the table does not have.
func (b *builder) checkBots() {
	for _, name := range slices.Sorted(maps.Keys(b.options.Bots)) {
		if slices.ContainsFunc(bots, func(t bot) bool { return t.name == name }) {
			continue
		}
		nearest := slices.MinFunc(bots, func(a, c bot) int { return diag.Distance(a.name, name) - diag.Distance(c.name, name) })
		b.fail(fmt.Errorf("addresses are given of the bot %q, which is not in the table; the nearest name is %q", name, nearest.name))
	}
}

// claim is what a request claims to be.
type claim struct {
	bot *bot
	// verified says that the address is the bot's; unknown that nobody can say.
	verified, forged bool
	unknown          string
	userAgent        string
}

type claimed struct{}

// claimOf reads the claim once for a request.
func (b *builder) claimOf(s *webacl.Subject) *claim {
	return s.Memo(claimed{}, func() any {
		c := &claim{userAgent: headerOf(s, "user-agent")}
		switch {
		case s.Request().Missing&webacl.PartHeaders != 0:
			c.unknown = "the headers are not known"
			return c
		case s.Request().Withholds("user-agent"):
			c.unknown = "the user agent is not known"
			return c
		}
		c.bot = findBot(c.userAgent)
		if c.bot == nil || !c.bot.verifiable() {
			return c
		}
		list := b.options.Bots[c.bot.name]
		switch {
		case list == nil:
			c.unknown = "no addresses of " + c.bot.name + " are given, so nobody can say whether it is real"
		case s.Request().Missing&webacl.PartClient != 0 || !s.Request().Client.IsValid():
			c.unknown = "the client's address is not known"
		default:
			c.verified = list.Contains(s.Request().Client)
			c.forged = !c.verified
		}
		return c
	}).(*claim)
}

// category matches unverified bots of a category; of CategoryAI verified ones
// too. Verified bots are only labelled.
func (b *builder) category(category string, first bool) webacl.Probe {
	return webacl.Probe{Name: "bots of the category " + category, Ask: func(s *webacl.Subject) webacl.Answer {
		var a webacl.Answer
		if first {
			a.Labels = tokenLabels(s)
		}
		c := b.claimOf(s)
		if c.bot == nil || c.bot.category != category {
			if c.bot == nil && c.unknown != "" {
				a.Truth, a.Why = webacl.Unknown, c.unknown
			}
			return a
		}
		a.Labels = append(a.Labels,
			b.prefix+"bot:category:"+category, b.prefix+"bot:name:"+c.bot.name, b.prefix+"bot:organization:"+c.bot.organization)
		switch {
		case c.unknown != "" && category != "ai":
			a.Truth, a.Why = webacl.Unknown, c.unknown
			return a
		case c.verified:
			a.Labels = append(a.Labels, b.prefix+"bot:verified")
		case c.unknown == "":
			a.Labels = append(a.Labels, b.prefix+"bot:unverified")
		}
		if c.verified && category != "ai" {
			return a
		}
		a.Truth = webacl.Yes
		a.Details = []webacl.Detail{userAgentDetail(c.userAgent, c.bot.token, "names the bot "+c.bot.name)}
		return a
	}}
}

func userAgentDetail(userAgent, token, what string) webacl.Detail {
	d := webacl.Detail{Field: "HEADER", Name: "user-agent", What: what, Value: userAgent, Source: "Fathom's table of bots"}
	if i := strings.Index(strings.ToLower(userAgent), token); i >= 0 && len(token) > 0 && i+len(token) <= len(userAgent) {
		d.Start, d.End = i, i+len(token)
	}
	return d
}

func headerOf(s *webacl.Subject, name string) string {
	for _, h := range s.Request().Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

func hasHeader(s *webacl.Subject, name string) bool {
	for _, h := range s.Request().Headers {
		if strings.EqualFold(h.Name, name) {
			return true
		}
	}
	return false
}

func (b *builder) automatedBrowser() webacl.Probe {
	return webacl.Probe{Name: "a browser under automation", Ask: func(s *webacl.Subject) webacl.Answer {
		c := b.claimOf(s)
		if c.userAgent == "" && c.unknown != "" {
			return webacl.Answer{Truth: webacl.Unknown, Why: c.unknown}
		}
		lower := strings.ToLower(c.userAgent)
		for _, word := range automated {
			if strings.Contains(lower, word) {
				return webacl.Answer{
					Truth: webacl.Yes, Labels: []string{b.prefix + "signal:automated_browser"},
					Details: []webacl.Detail{userAgentDetail(c.userAgent, word, "names an automated browser")},
				}
			}
		}
		return webacl.Answer{}
	}}
}

func (b *builder) dataCenter() webacl.Rule {
	r := b.listed("SignalKnownBotDataCenter", webacl.Block, b.options.DataCenters, "bot-data-centers")
	if list := b.options.DataCenters; list != nil {
		r.Statement = webacl.Probe{Name: "the address is of a data centre of bots", Ask: func(s *webacl.Subject) webacl.Answer {
			a := inList(s, list)
			if c := b.claimOf(s); c.verified {
				return webacl.Answer{} // AWS leaves verified bots alone
			}
			if a.Truth == webacl.Yes {
				a.Labels = []string{b.prefix + "signal:known_bot_data_center"}
			}
			return a
		}}
	}
	return r
}

// nonBrowser matches user agents that no browser sends, and bots that are not
// who they say. Headers that do not go with the browser that the user agent
// claims are only labelled.
func (b *builder) nonBrowser() webacl.Probe {
	return webacl.Probe{Name: "a user agent that is no browser's", Ask: func(s *webacl.Subject) webacl.Answer {
		c := b.claimOf(s)
		if s.Request().Missing&webacl.PartHeaders != 0 || s.Request().Withholds("user-agent") {
			return webacl.Answer{Truth: webacl.Unknown, Why: c.unknown}
		}
		what := ""
		switch {
		case c.verified:
			return webacl.Answer{}
		case c.forged:
			what = "claims to be " + c.bot.name + " from an address that is not its"
		case c.bot != nil && c.unknown != "":
			return webacl.Answer{Truth: webacl.Unknown, Why: c.unknown}
		case c.bot != nil:
			what = "is a program's, " + c.bot.name
		case c.userAgent == "":
			what = "is missing"
		case !strings.HasPrefix(c.userAgent, "Mozilla/5.0 (") && !strings.HasPrefix(c.userAgent, "Opera/"):
			what = "does not begin as a browser's does"
		}
		var a webacl.Answer
		if odd := oddHeaders(s, c.userAgent); odd {
			a.Labels = []string{b.prefix + "signal:non_browser_header"}
		}
		if what == "" {
			return a
		}
		a.Truth = webacl.Yes
		a.Labels = append(a.Labels, b.prefix+"signal:non_browser_user_agent")
		a.Details = []webacl.Detail{userAgentDetail(c.userAgent, "", what)}
		return a
	}}
}

// oddHeaders says whether the headers do not go with a browser's user agent:
// every browser of the last ten years sends Accept and Accept-Encoding, and in
// HTTP/1.1 Chromium and Firefox send Host first.
func oddHeaders(s *webacl.Subject, userAgent string) bool {
	if !strings.HasPrefix(userAgent, "Mozilla/5.0 (") {
		return true
	}
	if !hasHeader(s, "accept") || !hasHeader(s, "accept-encoding") {
		return true
	}
	r := s.Request()
	return r.Missing&webacl.PartOrder == 0 && r.Version == "HTTP/1.1" && len(r.Headers) > 0 && !strings.EqualFold(r.Headers[0].Name, "host")
}
