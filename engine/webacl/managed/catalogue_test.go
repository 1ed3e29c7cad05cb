package managed_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/webacl"
	"fathom/engine/webacl/crs"
	"fathom/engine/webacl/managed"
)

// sheet is §12 of the fact sheet, transcribed: the groups with their WCU and
// label prefix, and the rules in order, each with its default action (B block, C
// count, P CAPTCHA, H challenge).
const sheet = `
AWSManagedRulesCommonRuleSet 700 core-rule-set
	NoUserAgent_HEADER UserAgent_BadBots_HEADER SizeRestrictions_QUERYSTRING SizeRestrictions_Cookie_HEADER
	SizeRestrictions_BODY SizeRestrictions_URIPATH EC2MetaDataSSRF_BODY EC2MetaDataSSRF_COOKIE EC2MetaDataSSRF_URIPATH
	EC2MetaDataSSRF_QUERYARGUMENTS GenericLFI_QUERYARGUMENTS GenericLFI_URIPATH GenericLFI_BODY
	RestrictedExtensions_URIPATH RestrictedExtensions_QUERYARGUMENTS GenericRFI_QUERYARGUMENTS GenericRFI_BODY
	GenericRFI_URIPATH CrossSiteScripting_COOKIE CrossSiteScripting_QUERYARGUMENTS CrossSiteScripting_BODY
	CrossSiteScripting_URIPATH
AWSManagedRulesAdminProtectionRuleSet 100 admin-protection
	AdminProtection_URIPATH
AWSManagedRulesKnownBadInputsRuleSet 200 known-bad-inputs
	JavaDeserializationRCE_HEADER JavaDeserializationRCE_BODY JavaDeserializationRCE_URIPATH
	JavaDeserializationRCE_QUERYSTRING Host_localhost_HEADER PROPFIND_METHOD ExploitablePaths_URIPATH
	Log4JRCE_HEADER Log4JRCE_QUERYSTRING Log4JRCE_BODY Log4JRCE_URIPATH ReactJSRCE_BODY
AWSManagedRulesSQLiRuleSet 200 sql-database
	SQLi_QUERYARGUMENTS SQLi_BODY SQLi_COOKIE SQLi_URIPATH SQLiExtendedPatterns_QUERYARGUMENTS
	SQLiExtendedPatterns_BODY SQLiExtendedPatterns_HEADER SQLiExtendedPatterns_URIPATH
AWSManagedRulesLinuxRuleSet 200 linux-os
	LFI_URIPATH LFI_QUERYSTRING LFI_HEADER
AWSManagedRulesUnixRuleSet 100 posix-os
	UNIXShellCommandsVariables_QUERYSTRING UNIXShellCommandsVariables_BODY UNIXShellCommandsVariables_HEADER
AWSManagedRulesWindowsRuleSet 200 windows-os
	WindowsShellCommands_COOKIE WindowsShellCommands_QUERYARGUMENTS WindowsShellCommands_BODY
	WindowsShellCommands_HEADER WindowsShellCommands_QUERYSTRING WindowsShellCommands_URIPATH
	PowerShellCommands_COOKIE PowerShellCommands_QUERYARGUMENTS PowerShellCommands_BODY
AWSManagedRulesPHPRuleSet 100 php-app
	PHPHighRiskMethodsVariables_HEADER PHPHighRiskMethodsVariables_QUERYSTRING PHPHighRiskMethodsVariables_BODY
	PHPHighRiskMethodsVariables_URIPATH
AWSManagedRulesWordPressRuleSet 100 wordpress-app
	WordPressExploitableCommands_QUERYSTRING WordPressExploitablePaths_URIPATH
AWSManagedRulesAmazonIpReputationList 25 amazon-ip-list
	AWSManagedIPReputationList AWSManagedReconnaissanceList AWSManagedIPDDoSList:C
AWSManagedRulesAnonymousIpList 50 anonymous-ip-list
	AnonymousIPList HostingProviderIPList
AWSManagedRulesBotControlRuleSet 50 bot-control
	CategoryAdvertising CategoryArchiver CategoryContentFetcher CategoryEmailClient CategoryHttpLibrary
	CategoryLinkChecker CategoryMiscellaneous CategoryMonitoring CategoryPagePreview CategoryScrapingFramework
	CategorySearchEngine CategorySecurity CategorySeo CategorySocialMedia CategoryWebhooks CategoryAI
	SignalAutomatedBrowser SignalKnownBotDataCenter SignalNonBrowserUserAgent TGT_VolumetricIpTokenAbsent:H
	TGT_TokenAbsent:C TGT_VolumetricSession:P TGT_VolumetricSessionMaximum TGT_SignalAutomatedBrowser:P
	TGT_SignalBrowserAutomationExtension:P TGT_SignalBrowserInconsistency:P TGT_ML_CoordinatedActivityLow:H
	TGT_ML_CoordinatedActivityMedium:P TGT_ML_CoordinatedActivityHigh:P TGT_TokenReuseIpLow:C TGT_TokenReuseIpMedium:P
	TGT_TokenReuseIpHigh TGT_TokenReuseCountryLow:C TGT_TokenReuseCountryMedium:P TGT_TokenReuseCountryHigh
	TGT_TokenReuseAsnLow:C TGT_TokenReuseAsnMedium:P TGT_TokenReuseAsnHigh
AWSManagedRulesATPRuleSet 50 atp
	UnsupportedCognitoIDP VolumetricIpHigh VolumetricSession AttributeCompromisedCredentials AttributeUsernameTraversal
	AttributePasswordTraversal AttributeLongSession TokenRejected SignalMissingCredential
	VolumetricIpFailedLoginResponseHigh VolumetricSessionFailedLoginResponseHigh
AWSManagedRulesACFPRuleSet 50 acfp
	UnsupportedCognitoIDP AllRequests:H RiskScoreHigh SignalCredentialCompromised
	SignalClientHumanInteractivityAbsentLow:P AutomatedBrowser BrowserInconsistency:P VolumetricIpHigh:P
	VolumetricSessionHigh AttributeUsernameTraversalHigh VolumetricPhoneNumberHigh VolumetricAddressHigh
	VolumetricAddressLow:P VolumetricIPSuccessfulResponse VolumetricSessionSuccessfulResponse
	VolumetricSessionTokenReuseIp
AWSManagedRulesAntiDDoSRuleSet 50 anti-ddos
	ChallengeAllDuringEvent:H ChallengeDDoSRequests:H DDoSRequests
`

// labels are those of §12 that are not the rule's name, or show the spelling.
var labels = map[string]string{
	"NoUserAgent_HEADER":             "awswaf:managed:aws:core-rule-set:NoUserAgent_Header",
	"UserAgent_BadBots_HEADER":       "awswaf:managed:aws:core-rule-set:BadBots_Header",
	"SizeRestrictions_QUERYSTRING":   "awswaf:managed:aws:core-rule-set:SizeRestrictions_QueryString",
	"SizeRestrictions_Cookie_HEADER": "awswaf:managed:aws:core-rule-set:SizeRestrictions_Cookie_Header",
	"GenericLFI_URIPATH":             "awswaf:managed:aws:core-rule-set:GenericLFI_URIPath",
	"Host_localhost_HEADER":          "awswaf:managed:aws:known-bad-inputs:Host_Localhost_Header",
	"PROPFIND_METHOD":                "awswaf:managed:aws:known-bad-inputs:Propfind_Method",
	"SQLi_QUERYARGUMENTS":            "awswaf:managed:aws:sql-database:SQLi_QueryArguments",
	"AWSManagedIPDDoSList":           "awswaf:managed:aws:amazon-ip-list:AWSManagedIPDDoSList",
	"CategoryAI":                     "awswaf:managed:aws:bot-control:CategoryAI",
}

// ruleset is one Core Rule Set for all tests: setting it up takes a moment.
var ruleset = sync.OnceValues(managed.NewCRS)

func options(t testing.TB, o managed.Options) managed.Options {
	t.Helper()
	in, err := ruleset()
	if err != nil {
		t.Fatal(err)
	}
	o.CRS = in
	return o
}

// configured is a reference with what the group needs to be told.
func configured(name string) webacl.ManagedRef {
	return webacl.ManagedRef{Vendor: "AWS", Name: name, Config: webacl.ManagedConfig{
		Targeted: true, LoginPath: "/login", CreationPath: "/register", RegistrationPath: "/register",
		UsernameField: "user", PasswordField: "password", EmailField: "email",
		PhoneFields: []string{"phone"}, AddressFields: []string{"street", "city"}, ExemptURIs: []string{`^/api/`},
	}}
}

func group(t testing.TB, o managed.Options, name string) *webacl.Group {
	t.Helper()
	g, err := managed.Catalogue(options(t, o))(configured(name))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestCatalogueHoldsEveryRuleOfTheSheet_12(t *testing.T) {
	kinds := map[string]webacl.ActionKind{"": webacl.Block, "C": webacl.Count, "P": webacl.Captcha, "H": webacl.Challenge}
	var names, got, want []string
	for line := range strings.SplitSeq(strings.TrimSpace(sheet), "\n") {
		words := strings.Fields(line)
		if !strings.HasPrefix(line, "\t") {
			names = append(names, words[0])
			g := group(t, managed.Options{}, words[0])
			got = append(got, fmt.Sprintf("%s %d %s", g.Name, g.Capacity, g.LabelPrefix))
			want = append(want, fmt.Sprintf("%s %s awswaf:managed:aws:%s:", words[0], words[1], words[2]))
			if g.ID != "AWS#"+words[0] || !g.Managed {
				t.Errorf("%s: id %q, managed %t", words[0], g.ID, g.Managed)
			}
			for i, r := range g.Rules {
				got = append(got, fmt.Sprintf("\t%d %s %s", i, r.Name, r.Action.Kind))
				if r.Priority != i {
					t.Errorf("%s: %s has priority %d", g.Name, r.Name, r.Priority)
				}
				if len(r.Labels) == 0 || !strings.HasPrefix(r.Labels[0], g.LabelPrefix) {
					t.Errorf("%s: %s has the labels %v", g.Name, r.Name, r.Labels)
				}
				if l, ok := labels[r.Name]; ok && r.Labels[0] != l {
					t.Errorf("%s has the label %s, want %s", r.Name, r.Labels[0], l)
				}
				if r.Basis.Source == "" {
					t.Errorf("%s: %s does not say what it rests on", g.Name, r.Name)
				}
			}
			continue
		}
		n := 0
		for i := len(want) - 1; strings.HasPrefix(want[i], "\t"); i-- {
			n++
		}
		for i, w := range words {
			name, kind, _ := strings.Cut(w, ":")
			want = append(want, fmt.Sprintf("\t%d %s %s", n+i, name, kinds[kind]))
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-sheet +catalogue):\n%s", d)
	}
	if d := cmp.Diff(names, managed.Names()); d != "" {
		t.Error(d)
	}
}

func TestUnknownGroupsAreNamed(t *testing.T) {
	find := managed.Catalogue(options(t, managed.Options{}))
	for _, c := range []struct {
		ref  webacl.ManagedRef
		want string
	}{
		{webacl.ManagedRef{Vendor: "Fortinet", Name: "all_rules"}, `vendor "Fortinet"`},
		{webacl.ManagedRef{Vendor: "AWS", Name: "AWSManagedRulesCommonRules"}, `the nearest name is "AWSManagedRulesCommonRuleSet"`},
		{webacl.ManagedRef{Vendor: "AWS", Name: "AWSManagedRulesLinuxRuleSet", Version: "2"}, `no version "2"`},
		{webacl.ManagedRef{Vendor: "AWS", Name: "AWSManagedRulesATPRuleSet"}, "names no LoginPath"},
		{webacl.ManagedRef{Vendor: "AWS", Name: "AWSManagedRulesATPRuleSet", Config: webacl.ManagedConfig{LoginPath: "(", RegexInPath: true}}, "no regular expression"},
		{webacl.ManagedRef{Vendor: "AWS", Name: "AWSManagedRulesAntiDDoSRuleSet", Config: webacl.ManagedConfig{ExemptURIs: []string{"("}}}, "no regular expression"},
		{webacl.ManagedRef{Vendor: "AWS", Name: "AWSManagedRulesAntiDDoSRuleSet", Config: webacl.ManagedConfig{BlockSensitivity: "ALL"}}, `"ALL"`},
	} {
		if _, err := find(c.ref); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.ref, err, c.want)
		}
	}
}

func TestUnknownBotsAreNamed(t *testing.T) {
	find := managed.Catalogue(options(t, managed.Options{Bots: map[string]*managed.Prefixes{"gogglebot": {}}}))
	if _, err := find(configured("AWSManagedRulesBotControlRuleSet")); err == nil || !strings.Contains(err.Error(), `nearest name is "googlebot"`) {
		t.Errorf("%v", err)
	}
}

func TestVersionsAndInspectionLevels(t *testing.T) {
	find := managed.Catalogue(options(t, managed.Options{}))
	names := func(ref webacl.ManagedRef) []string {
		g, err := find(ref)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range g.Rules {
			out = append(out, r.Name)
		}
		return out
	}
	if got := names(webacl.ManagedRef{Vendor: "AWS", Name: "AWSManagedRulesUnixRuleSet", Version: "Version_1.0"}); !slices.Contains(got, "UNIXShellCommandsVariables_QUERYARGUMENTS") {
		t.Errorf("the first version of the POSIX group has %v", got)
	}
	bots := webacl.ManagedRef{Vendor: "AWS", Name: "AWSManagedRulesBotControlRuleSet"}
	if got := names(bots); len(got) != 19 {
		t.Errorf("COMMON has %v", got)
	}
	bots.Config = webacl.ManagedConfig{Targeted: true, NoMachineLearning: true}
	if got := names(bots); slices.Contains(got, "TGT_ML_CoordinatedActivityLow") || !slices.Contains(got, "TGT_TokenAbsent") {
		t.Errorf("TARGETED without machine learning has %v", got)
	}
}

// Every rule of the Core Rule Set that is mapped is there, and nothing else is
// loaded but what steers.
func TestEveryMappedRuleExists(t *testing.T) {
	in, err := ruleset()
	if err != nil {
		t.Fatal(err)
	}
	loaded := map[int]crs.Rule{}
	for _, r := range in.Rules() {
		loaded[r.ID] = r
	}
	wanted := map[int]bool{}
	for _, id := range managed.Mapped() {
		wanted[id] = true
		if r, ok := loaded[id]; !ok {
			t.Errorf("rule %d is mapped, and not in the rule set", id)
		} else if r.Paranoia > 2 {
			t.Errorf("rule %d is of paranoia level %d, which is not run", id, r.Paranoia)
		}
	}
	for id := range loaded {
		if id >= 911000 && !wanted[id] && (id%1000 < 11 || id%1000 > 18) {
			t.Errorf("rule %d is loaded, and mapped to nothing", id)
		}
	}
}

// A rule that names the Core Rule Set as its basis is in the mapping, and the
// other way round.
func TestMappingAndCatalogueAgree(t *testing.T) {
	in := map[string]bool{}
	for _, m := range managed.Mapping() {
		in[m] = true
	}
	for _, name := range managed.Names() {
		for _, r := range group(t, managed.Options{}, name).Rules {
			key := name + " " + r.Name
			if by := strings.Contains(r.Basis.Source, "OWASP CRS"); by != in[key] {
				t.Errorf("%s: basis %q, mapped %t", key, r.Basis.Source, in[key])
			}
			delete(in, key)
		}
	}
	delete(in, "AWSManagedRulesUnixRuleSet UNIXShellCommandsVariables_QUERYARGUMENTS") // of the first versions
	for key := range in {
		t.Errorf("%s is mapped, and in no group", key)
	}
}
