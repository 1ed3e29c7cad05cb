package managed

import "strings"

// bot is a program that says what it is. The table is Fathom's own, from what the
// operators of the bots publish about their user agents; AWS does not publish
// its table.
type bot struct {
	// token is what its user agent holds, in lower case.
	token string
	// name, category and organization are as in labels.
	name, category, organization string
	// hosts are the suffixes of the names that its addresses have in DNS, where
	// its operator publishes how to verify it: reverse, then forward.
	hosts []string
	// ranges says that its operator publishes addresses instead.
	ranges bool
}

// verifiable says whether anybody can tell the bot from one that claims to be it.
func (t *bot) verifiable() bool { return t.ranges || len(t.hosts) > 0 }

// The order matters where one token is part of another: the longer stands first.
var bots = []bot{
	{"googlebot-image", "googlebot_image", "search_engine", "google", []string{".googlebot.com", ".google.com"}, true},
	{"googlebot", "googlebot", "search_engine", "google", []string{".googlebot.com", ".google.com"}, true},
	{"adsbot-google", "adsbot_google", "advertising", "google", []string{".google.com"}, true},
	{"mediapartners-google", "mediapartners_google", "advertising", "google", []string{".google.com"}, true},
	{"feedfetcher-google", "feedfetcher_google", "content_fetcher", "google", []string{".google.com"}, true},
	{"google-inspectiontool", "google_inspection_tool", "seo", "google", []string{".google.com"}, true},
	{"bingbot", "bingbot", "search_engine", "microsoft", []string{".search.msn.com"}, true},
	{"bingpreview", "bingpreview", "page_preview", "microsoft", []string{".search.msn.com"}, false},
	{"adidxbot", "adidxbot", "advertising", "microsoft", []string{".search.msn.com"}, false},
	{"duckduckbot", "duckduckbot", "search_engine", "duckduckgo", nil, true},
	{"duckassistbot", "duckassistbot", "ai", "duckduckgo", nil, true},
	{"yandexbot", "yandexbot", "search_engine", "yandex", []string{".yandex.ru", ".yandex.net", ".yandex.com"}, false},
	{"baiduspider", "baiduspider", "search_engine", "baidu", []string{".baidu.com", ".baidu.jp"}, false},
	{"applebot", "applebot", "search_engine", "apple", []string{".applebot.apple.com"}, true},
	{"slurp", "yahoo_slurp", "search_engine", "yahoo", []string{".crawl.yahoo.net"}, false},
	{"sogou web spider", "sogou", "search_engine", "sogou", []string{".sogou.com"}, false},
	{"petalbot", "petalbot", "search_engine", "huawei", []string{".petalsearch.com"}, false},
	{"seznambot", "seznambot", "search_engine", "seznam", []string{".seznam.cz"}, false},
	{"qwantify", "qwant", "search_engine", "qwant", []string{".search.qwant.com"}, false},

	{"gptbot", "gptbot", "ai", "openai", nil, true},
	{"chatgpt-user", "chatgpt_user", "ai", "openai", nil, true},
	{"oai-searchbot", "oai_searchbot", "ai", "openai", nil, true},
	{"claudebot", "claudebot", "ai", "anthropic", nil, true},
	{"claude-user", "claude_user", "ai", "anthropic", nil, true},
	{"perplexitybot", "perplexitybot", "ai", "perplexity", nil, true},
	{"perplexity-user", "perplexity_user", "ai", "perplexity", nil, true},
	{"ccbot", "ccbot", "ai", "common_crawl", []string{".crawl.commoncrawl.org"}, true},
	{"bytespider", "bytespider", "ai", "bytedance", nil, false},
	{"amazonbot", "amazonbot", "ai", "amazon", []string{".crawl.amazonbot.amazon"}, true},
	{"meta-externalagent", "meta_externalagent", "ai", "meta", nil, true},
	{"cohere-ai", "cohere_ai", "ai", "cohere", nil, false},

	{"facebookexternalhit", "facebook_external_hit", "page_preview", "meta", nil, true},
	{"twitterbot", "twitterbot", "page_preview", "x", nil, true},
	{"linkedinbot", "linkedinbot", "social_media", "linkedin", []string{".fwd.linkedin.com"}, false},
	{"pinterestbot", "pinterestbot", "social_media", "pinterest", []string{".pinterest.com"}, false},
	{"slackbot-linkexpanding", "slackbot_link_expanding", "page_preview", "slack", []string{".slack.com"}, false},
	{"slackbot", "slackbot", "webhooks", "slack", []string{".slack.com"}, false},
	{"discordbot", "discordbot", "page_preview", "discord", nil, false},
	{"telegrambot", "telegrambot", "page_preview", "telegram", nil, false},
	{"whatsapp", "whatsapp", "page_preview", "meta", nil, false},

	{"archive.org_bot", "archive_org_bot", "archiver", "internet_archive", []string{".archive.org"}, false},
	{"heritrix", "heritrix", "archiver", "internet_archive", nil, false},
	{"nutch", "nutch", "archiver", "apache", nil, false},

	{"ahrefsbot", "ahrefsbot", "seo", "ahrefs", []string{".ahrefs.com", ".ahrefs.net"}, true},
	{"semrushbot", "semrushbot", "seo", "semrush", []string{".bot.semrush.com"}, false},
	{"mj12bot", "mj12bot", "seo", "majestic", nil, false},
	{"dotbot", "dotbot", "seo", "moz", nil, false},
	{"rogerbot", "rogerbot", "seo", "moz", nil, false},
	{"screaming frog", "screaming_frog", "seo", "screaming_frog", nil, false},

	{"uptimerobot", "uptimerobot", "monitoring", "uptimerobot", nil, true},
	{"pingdom", "pingdom", "monitoring", "pingdom", nil, true},
	{"statuscake", "statuscake", "monitoring", "statuscake", nil, true},
	{"datadog", "datadog", "monitoring", "datadog", nil, true},
	{"newrelicpinger", "new_relic", "monitoring", "new_relic", nil, true},
	{"site24x7", "site24x7", "monitoring", "zoho", nil, true},
	{"amazon-route53-health-check-service", "route53_health_check", "monitoring", "aws", nil, true},

	{"feedly", "feedly", "content_fetcher", "feedly", nil, false},
	{"feedbin", "feedbin", "content_fetcher", "feedbin", nil, false},
	{"googleimageproxy", "google_image_proxy", "email_client", "google", nil, false},
	{"yahoomailproxy", "yahoo_mail_proxy", "email_client", "yahoo", nil, false},
	{"w3c_validator", "w3c_validator", "link_checker", "w3c", nil, false},
	{"w3c-checklink", "w3c_checklink", "link_checker", "w3c", nil, false},
	{"linkchecker", "linkchecker", "link_checker", "linkchecker", nil, false},
	{"stripe/", "stripe", "webhooks", "stripe", nil, true},
	{"github-hookshot", "github_hookshot", "webhooks", "github", nil, true},
	{"paypal ipn", "paypal_ipn", "webhooks", "paypal", nil, false},

	{"nessus", "nessus", "security", "tenable", nil, false},
	{"qualys", "qualys", "security", "qualys", nil, false},
	{"detectify", "detectify", "security", "detectify", nil, false},
	{"censysinspect", "censys", "security", "censys", nil, true},
	{"expanse", "expanse", "security", "palo_alto_networks", nil, false},
	{"nuclei", "nuclei", "security", "projectdiscovery", nil, false},
	{"zgrab", "zgrab", "security", "zmap", nil, false},
	{"nmap scripting engine", "nmap", "security", "nmap", nil, false},
	{"sqlmap", "sqlmap", "security", "sqlmap", nil, false},
	{"nikto", "nikto", "security", "nikto", nil, false},

	{"scrapy", "scrapy", "scraping_framework", "scrapy", nil, false},
	{"colly", "colly", "scraping_framework", "colly", nil, false},
	{"pyspider", "pyspider", "scraping_framework", "pyspider", nil, false},
	{"mechanize", "mechanize", "scraping_framework", "mechanize", nil, false},
	{"httrack", "httrack", "scraping_framework", "httrack", nil, false},

	{"curl/", "curl", "http_library", "curl", nil, false},
	{"wget", "wget", "http_library", "gnu", nil, false},
	{"python-requests", "python_requests", "http_library", "python", nil, false},
	{"python-urllib", "python_urllib", "http_library", "python", nil, false},
	{"python-httpx", "python_httpx", "http_library", "python", nil, false},
	{"aiohttp", "aiohttp", "http_library", "python", nil, false},
	{"go-http-client", "go_http_client", "http_library", "go", nil, false},
	{"okhttp", "okhttp", "http_library", "square", nil, false},
	{"apache-httpclient", "apache_httpclient", "http_library", "apache", nil, false},
	{"java/", "java", "http_library", "oracle", nil, false},
	{"libwww-perl", "libwww_perl", "http_library", "perl", nil, false},
	{"axios/", "axios", "http_library", "axios", nil, false},
	{"node-fetch", "node_fetch", "http_library", "node", nil, false},
	{"undici", "undici", "http_library", "node", nil, false},
	{"guzzlehttp", "guzzle", "http_library", "guzzle", nil, false},
	{"postmanruntime", "postman", "http_library", "postman", nil, false},
	{"insomnia/", "insomnia", "http_library", "kong", nil, false},
	{"httpie", "httpie", "http_library", "httpie", nil, false},
	{"winhttp", "winhttp", "http_library", "microsoft", nil, false},
	{"faraday", "faraday", "http_library", "ruby", nil, false},

	{"crawler", "crawler", "miscellaneous", "unknown", nil, false},
	{"spider", "spider", "miscellaneous", "unknown", nil, false},
}

// automated are the words that browsers under automation put into user agents.
var automated = []string{"headlesschrome", "phantomjs", "slimerjs", "selenium", "webdriver", "puppeteer", "playwright", "cypress"}

// findBot finds the bot that a user agent claims to be.
func findBot(userAgent string) *bot {
	lower := strings.ToLower(userAgent)
	for i := range bots {
		if strings.Contains(lower, bots[i].token) {
			return &bots[i]
		}
	}
	return nil
}
