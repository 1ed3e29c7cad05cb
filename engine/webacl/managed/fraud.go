package managed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"fathom/engine/webacl"
)

// endpoint finds the requests that a fraud group inspects: a method, and a path
// by its beginning or by an expression.
type endpoint struct {
	method, prefix string
	expression     *regexp.Regexp
}

// endpoint makes one; a group that lacks its path is refused.
func (b *builder) endpoint(method, what, path string) endpoint {
	if path == "" {
		b.fail(fmt.Errorf("its configuration names no %s", what))
		return endpoint{method: method}
	}
	if !b.ref.Config.RegexInPath {
		return endpoint{method: method, prefix: path}
	}
	re, err := regexp.Compile(path)
	if err != nil {
		b.fail(fmt.Errorf("%s is no regular expression: %w", what, err))
	}
	return endpoint{method: method, expression: re}
}

// hit says whether a request goes to the endpoint.
func (e endpoint) hit(r *webacl.Request) webacl.Truth {
	if r.Missing&webacl.PartMethod == 0 && r.Method != e.method {
		return webacl.No
	}
	if r.Missing&(webacl.PartPath|webacl.PartMethod) != 0 {
		return webacl.Unknown
	}
	if e.expression != nil && e.expression.MatchString(r.Path) || e.prefix != "" && strings.HasPrefix(r.Path, e.prefix) {
		return webacl.Yes
	}
	return webacl.No
}

// form is what a login or registration says.
type form struct {
	values  map[string]string
	unknown string
}

type formKey struct{ use string }

// form reads the body once for a request.
func (b *builder) form(s *webacl.Subject) *form {
	return s.Memo(formKey{b.use}, func() any {
		body, more, known := s.Body()
		if !known {
			return &form{unknown: "the body is not known"}
		}
		f := &form{values: map[string]string{}}
		c := b.ref.Config
		names := append([]string{c.UsernameField, c.PasswordField, c.EmailField}, c.PhoneFields...)
		for _, name := range append(names, c.AddressFields...) {
			if name == "" {
				continue
			}
			if v, ok := field(body, name, c.JSON); ok {
				f.values[name] = v
			} else if more {
				f.unknown = "the body is longer than what is inspected"
			}
		}
		return f
	}).(*form)
}

// field finds a form field, or what a JSON pointer points at.
func field(body []byte, name string, isJSON bool) (string, bool) {
	if isJSON {
		return pointed(body, name)
	}
	for pair := range strings.SplitSeq(string(body), "&") {
		key, value, _ := strings.Cut(pair, "=")
		if k, err := url.QueryUnescape(key); err != nil || k != name {
			continue
		}
		v, err := url.QueryUnescape(value)
		return v, err == nil && v != ""
	}
	return "", false
}

// pointed follows a JSON pointer (RFC 6901) to a string or number that is not
// empty.
func pointed(body []byte, pointer string) (string, bool) {
	var at any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&at) != nil {
		return "", false
	}
	if pointer != "" && pointer[0] != '/' {
		pointer = "/" + pointer
	}
	for i, part := range strings.Split(pointer, "/") {
		if i == 0 {
			continue
		}
		part = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		switch in := at.(type) {
		case map[string]any:
			at = in[part]
		case []any:
			n, err := strconv.Atoi(part)
			if err != nil || n < 0 || n >= len(in) {
				return "", false
			}
			at = in[n]
		default:
			return "", false
		}
	}
	switch v := at.(type) {
	case string:
		return v, v != ""
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// at asks only about requests to an endpoint. Labels of the token come with the
// group's first rule.
func at(e endpoint, name string, ask func(*webacl.Subject) webacl.Answer) webacl.Probe {
	return webacl.Probe{Name: name, Ask: func(s *webacl.Subject) webacl.Answer {
		switch e.hit(s.Request()) {
		case webacl.No:
			return webacl.Answer{}
		case webacl.Unknown:
			return webacl.Answer{Truth: webacl.Unknown, Why: "the method or path is not known"}
		}
		return ask(s)
	}}
}

// undecidedAt is a rule that nothing answers for at an endpoint; elsewhere it
// does not match.
func (b *builder) undecidedAt(e endpoint, name string, action webacl.ActionKind, why string) webacl.Rule {
	r := b.notSimulated(name, action, why)
	r.Statement = at(e, name, undecided(name, why).Ask)
	return r
}

// cognito refuses user pools, for which AWS does not offer the fraud groups.
func (b *builder) cognito(e endpoint) webacl.Rule {
	return b.rule("UnsupportedCognitoIDP", webacl.Block, documented("the request goes to a Cognito user pool"), webacl.Probe{
		Name: "the request goes to a Cognito user pool", Ask: func(s *webacl.Subject) webacl.Answer {
			var a webacl.Answer
			if b.options.Resource == webacl.Cognito {
				a = webacl.Answer{Truth: webacl.Yes, Details: []webacl.Detail{{Field: "RESOURCE", What: "is a Cognito user pool"}}}
			}
			if e.hit(s.Request()) == webacl.Yes {
				a.Labels = tokenLabels(s)
			}
			return a
		},
	})
}

// counting is a threshold at an endpoint: more than the first step matches.
type counting struct {
	rule     string
	window   int64
	label    string // before the step's
	steps    []step
	instance func(*webacl.Subject) (instance string, unknown string)
	what     string
}

func (b *builder) counting(e endpoint, c counting) webacl.Probe {
	return at(e, c.rule, func(s *webacl.Subject) webacl.Answer {
		instance, unknown := c.instance(s)
		if unknown != "" {
			return webacl.Answer{Truth: webacl.Unknown, Why: unknown}
		}
		if instance == "" {
			return webacl.Answer{}
		}
		seen, unknown := b.count(s, c.rule, c.steps[0].over, c.window, instance)
		if unknown != "" {
			return webacl.Answer{Truth: webacl.Unknown, Why: unknown}
		}
		return stepped(seen, c.window, b.prefix+c.label, c.steps, c.what)
	})
}

func byAddress(s *webacl.Subject) (string, string) {
	if a := addressOf(s.Request()); a != "" {
		return a, ""
	}
	return "", "the client's address is not known"
}

func bySession(s *webacl.Subject) (string, string) {
	id, known := sessionOf(s.Request())
	if !known {
		return "", "the token is not known"
	}
	return id, ""
}

// byFields counts by the values of fields; requests without them are left out.
func (b *builder) byFields(names ...string) func(*webacl.Subject) (string, string) {
	return func(s *webacl.Subject) (string, string) {
		f := b.form(s)
		var values []string
		for _, n := range names {
			if v, ok := f.values[n]; ok {
				values = append(values, strings.ToLower(strings.TrimSpace(v)))
			}
		}
		if len(values) == 0 {
			return "", f.unknown
		}
		return strings.Join(values, "\x00"), ""
	}
}

// stolen asks the list of compromised credentials.
func (b *builder) stolen(e endpoint, name, label string) webacl.Rule {
	list := b.options.Compromised
	if list == nil {
		return b.undecidedAt(e, name, webacl.Block, "no list of compromised credentials is given; AWS does not publish its own")
	}
	return b.rule(name, webacl.Block, standIn("the list "+list.name+" in place of AWS's"), at(e, name, func(s *webacl.Subject) webacl.Answer {
		f, c := b.form(s), b.ref.Config
		user, hasUser := f.values[c.UsernameField]
		password, hasPassword := f.values[c.PasswordField]
		switch {
		case hasUser && hasPassword && list.Contains(user, password):
			return webacl.Answer{
				Truth: webacl.Yes, Labels: []string{b.prefix + label},
				Details: []webacl.Detail{{Field: "BODY", Name: c.UsernameField, What: "is in " + list.name + " with its password", Source: list.name}},
			}
		case f.unknown != "" && !(hasUser && hasPassword):
			return webacl.Answer{Truth: webacl.Unknown, Why: f.unknown}
		}
		return webacl.Answer{}
	}))
}
