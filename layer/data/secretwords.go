package data

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
)

// secretWords in a name say that its value is a secret; notSecret at its end
// that the value only tells about one (TOKEN_URL, SECRET_ARN, PASSWORD_FILE).
var (
	secretWords = []string{"password", "passwd", "passphrase", "pwd", "secret", "secrets", "token", "apikey", "credential", "credentials", "privatekey"}
	secretPairs = []string{"api key", "access key", "secret key", "private key", "signing key", "encryption key", "auth key", "license key", "account key", "shared key", "master key", "service key"}
	notSecret   = []string{
		"arn", "name", "names", "id", "file", "path", "dir", "url", "uri", "endpoint", "host", "issuer", "audience",
		"ttl", "expiry", "expires", "expiration", "lifetime", "timeout", "seconds", "minutes", "hours", "days", "age",
		"length", "size", "min", "max", "count", "limit", "policy", "rotation", "enabled", "disabled", "required", "type", "kind",
		"header", "cookie", "field", "param", "prefix", "suffix", "ref", "version", "algorithm", "alg", "region", "store", "provider", "manager", "mount", "key_id", "username", "user", "hash", "public", "class",
		"backend", "engine", "source", "strategy", "mode", "format", "driver", "scope", "status", "service", "method", "namespace",
	}
)

// secretName says whether a variable of that name holds a secret.
func secretName(name string) bool {
	w := words(name)
	if len(w) == 0 || slices.Contains(notSecret, w[len(w)-1]) || slices.Contains(w, "public") {
		return false
	}
	if anyWord(w, secretWords...) {
		return true
	}
	joined := " " + strings.Join(w, " ") + " "
	return slices.ContainsFunc(secretPairs, func(p string) bool { return strings.Contains(joined, " "+p+" ") })
}

// placeholder matches what stands in for a value that is set elsewhere.
var placeholder = regexp.MustCompile(`(?i)^[<\[(].*[>\])]$|^(todo|fixme|dummy|example|sample|redacted|none|null|nil|empty|unset|default|test|x{3,}|\*{3,}|\.{3,}|-+)$|^(your|insert|put|replace|set|update|enter)[-_ ]|(change|replace)[-_ ]?(me|this|it)|placeholder|dummy|to[-_ ]be[-_ ](set|filled)`)

// reference matches a reference to a secret that is kept elsewhere, and plain
// settings: a template, an ARN, a path, an address, a number, a switch.
var reference = regexp.MustCompile(`(?i)^(\$|\x60|\{\{|<<|%|arn:|alias/|vault:|ssm:|secretsmanager:|ref\+|op://|file:|ENC\[|projects/|/|\./|https?://[^@]*$|true$|false$|yes$|no$|on$|off$|[0-9]{1,7}$)`)

// plain says whether a value of a variable that should hold a secret is one,
// written out.
func plain(value string) bool {
	v := strings.TrimSpace(value)
	return len(v) >= 4 && !placeholder.MatchString(v) && !reference.MatchString(v) && !strings.Contains(v, "${") && !strings.Contains(v, "{{")
}

// marked matches values that are secrets whatever the name: private keys,
// tokens that their issuers mark, and addresses with a password in them. Each
// contains one of a few words, which are found in a long text far sooner.
var marked = []struct {
	re   *regexp.Regexp
	has  []string
	what string
}{
	{regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`), []string{"PRIVATE KEY-----"}, "a private key"},
	{regexp.MustCompile(`\bgh[pousr]_[A-Za-z0-9]{36}`), []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_"}, "a GitHub token"},
	{regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20}`), []string{"glpat-"}, "a GitLab token"},
	{regexp.MustCompile(`\bxox[abprs]-[A-Za-z0-9-]{10,}`), []string{"xox"}, "a Slack token"},
	{regexp.MustCompile(`\b[rs]k_live_[A-Za-z0-9]{10,}`), []string{"k_live_"}, "a live Stripe key"},
	{regexp.MustCompile(`\b(AKIA|ASIA)[A-Z2-7]{16}\b`), []string{"AKIA", "ASIA"}, anAccessKey},
	{regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://[^\s/:@$<{]+:[^\s/@$<{]{4,}@[^\s]+`), []string{"://"}, "an address with a password"},
}

// anAccessKey is a mistake that identity.no-long-keys sees too.
const (
	anAccessKey = "an AWS access key"
)

// markedSecret names the secret that a text contains by its own form, or "".
// AWS's documentation uses keys that end in EXAMPLE.
func markedSecret(text string) string {
	for _, m := range marked {
		if !slices.ContainsFunc(m.has, func(word string) bool { return strings.Contains(text, word) }) {
			continue
		}
		if found := m.re.FindString(text); found != "" && !strings.HasSuffix(found, "EXAMPLE") {
			return m.what
		}
	}
	return ""
}

// secretIn says what secret a variable holds: aSecret by its name, or what
// its value shows itself to be. It returns "" for none.
func secretIn(name, value string) string {
	if what := markedSecret(value); what != "" {
		return what
	}
	if secretName(name) && plain(value) {
		return aSecret
	}
	return ""
}

// assigned matches an assignment in a script: export DB_PASSWORD=…,
// password: ….
var assigned = regexp.MustCompile(`(?m)(?:^|[\s;])(?:export\s+)?["']?([A-Za-z_][A-Za-z0-9_.-]*)["']?\s*[=:]\s*["']?([^\s"';]+)`)

// secretInScript names the first secret a script has written out, and the
// variable that holds it. Base64 is read through.
func secretInScript(text string) (name, what string, length int) {
	if raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text)); err == nil {
		text = string(raw)
	}
	if what := markedSecret(text); what != "" {
		return "", what, 0
	}
	for _, m := range assigned.FindAllStringSubmatch(text, -1) {
		if secretName(m[1]) && plain(m[2]) {
			return m[1], aSecret, len(m[2])
		}
	}
	return "", "", 0
}
