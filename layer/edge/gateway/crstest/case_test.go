package crstest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/corazawaf/coraza-coreruleset/v4/tests"
	"github.com/goccy/go-yaml"
)

// testCase is a test of the rule set: it passes when each of its stages does.
type testCase struct {
	ID     string
	Stages []stage
}

type stage struct {
	Input  input  `yaml:"input"`
	Output output `yaml:"output"`
}

// input is a request. What is nil has FTW's default.
type input struct {
	DestAddr     string            `yaml:"dest_addr"`
	Port         int               `yaml:"port"`
	Method       *string           `yaml:"method"`
	URI          *string           `yaml:"uri"`
	Version      *string           `yaml:"version"`
	Headers      map[string]string `yaml:"headers"`
	Data         string            `yaml:"data"`
	Encoded      string            `yaml:"encoded_request"`
	Autocomplete *bool             `yaml:"autocomplete_headers"`
}

// output is what must come of it.
type output struct {
	Status      int  `yaml:"status"`
	ExpectError bool `yaml:"expect_error"`
	// RetryOnce is for servers whose log comes late; ours is complete when it is
	// read, so that a second try would be the same.
	RetryOnce bool `yaml:"retry_once"`
	Log       struct {
		ExpectIDs    []int  `yaml:"expect_ids"`
		NoExpectIDs  []int  `yaml:"no_expect_ids"`
		MatchRegex   string `yaml:"match_regex"`
		NoMatchRegex string `yaml:"no_match_regex"`
	} `yaml:"log"`
}

// load reads all tests. A key that it does not know is an error: a test of which
// half is not understood would pass for nothing.
func load(t testing.TB) []testCase {
	t.Helper()
	var cases []testCase
	err := fs.WalkDir(tests.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".yaml") {
			return err
		}
		text, err := fs.ReadFile(tests.FS, name)
		if err != nil {
			return err
		}
		found, err := parse(text)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		cases = append(cases, found...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func parse(text []byte) ([]testCase, error) {
	var file struct {
		Meta   any `yaml:"meta"`
		Author any `yaml:"author"` // where one file has it, beside meta
		RuleID int `yaml:"rule_id"`
		Tests  []struct {
			TestID int     `yaml:"test_id"`
			Title  string  `yaml:"test_title"`
			Desc   string  `yaml:"desc"`
			Stages []stage `yaml:"stages"`
		} `yaml:"tests"`
	}
	if err := yaml.UnmarshalWithOptions(text, &file, yaml.DisallowUnknownField()); err != nil {
		return nil, err
	}
	var cases []testCase
	for _, c := range file.Tests {
		if len(c.Stages) == 0 {
			return nil, errors.New("a test has no stages")
		}
		cases = append(cases, testCase{strconv.Itoa(file.RuleID) + "-" + strconv.Itoa(c.TestID), c.Stages})
	}
	return cases, nil
}

const form = "application/x-www-form-urlencoded"

// bytes is the request as it goes out.
func (in *input) bytes() ([]byte, error) {
	if in.Encoded != "" {
		return base64.StdEncoding.DecodeString(in.Encoded)
	}
	headers := map[string]string{} // by the name in lower case
	var names []string
	for n, v := range in.Headers {
		names = append(names, n)
		headers[strings.ToLower(n)] = v
	}
	slices.Sort(names)
	var lines []string
	for _, n := range names {
		lines = append(lines, n+": "+in.Headers[n])
	}
	missing := func(name string) bool { _, there := headers[strings.ToLower(name)]; return !there }
	add := func(name, value string) {
		headers[strings.ToLower(name)] = value
		lines = append(lines, name+": "+value)
	}
	complete := in.Autocomplete == nil || *in.Autocomplete
	method := or(in.Method, "GET")
	data, err := expanded(in.Data)
	if err != nil {
		return nil, err
	}
	if data != "" && complete {
		if missing("Content-Type") {
			add("Content-Type", form)
		}
		if strings.EqualFold(headers["content-type"], form) {
			data = escaped(data)
		}
	}
	if strings.Contains(strings.ToLower(headers["content-type"]), "multipart/form-data;") {
		data = strings.ReplaceAll(data, "\n", "\r\n")
	}
	if complete {
		if missing("Connection") {
			add("Connection", "close")
		}
		if missing("Content-Length") && (data != "" || hasBody(method)) {
			add("Content-Length", strconv.Itoa(len(data)))
		}
	}
	head := method + " " + or(in.URI, "/") + " " + or(in.Version, "HTTP/1.1")
	return []byte(strings.Join(append([]string{head}, lines...), "\r\n") + "\r\n\r\n" + data), nil
}

// expanded is a body of which parts are written as a template of Go.
func expanded(data string) (string, error) {
	t, err := template.New("data").Funcs(template.FuncMap{"repeat": func(n int, s string) string { return strings.Repeat(s, n) }}).Parse(data)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, nil)
	return b.String(), err
}

func or(p *string, without string) string {
	if p == nil {
		return without
	}
	return *p
}

// hasBody says whether FTW announces a body of the method even where it is empty.
func hasBody(method string) bool {
	return strings.HasPrefix(method, "POST") || strings.Contains(method, "PUT") || strings.Contains(method, "PATCH") || strings.HasSuffix(method, "DELETE")
}

// escaped percent-encodes the names and values of a form, where nothing in it is
// encoded yet.
func escaped(data string) string {
	if plain, _ := url.QueryUnescape(data); plain != data {
		return data
	}
	var pairs []string
	for pair := range strings.SplitSeq(strings.TrimSuffix(data, "&"), "&") {
		name, value, found := strings.Cut(pair, "=")
		pair = url.QueryEscape(name)
		if found {
			pair += "=" + url.QueryEscape(value)
		}
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, "&")
}
