package managed

import (
	"fmt"
	"slices"
	"strings"

	"fathom/engine/webacl"
	"fathom/engine/webacl/crs"
)

// NewCRS sets the Core Rule Set up with the rules of the mapping only. Several
// catalogues may share one.
func NewCRS() (crs.Inspector, error) {
	return crs.New(crs.Options{
		Paranoia: 2, Remove: unmapped(), SplitArguments: true, BodyLimit: 64 << 10,
	})
}

// unmapped are the ranges of rule ids between those of the mapping, without the
// rules that steer: 9xx011 to 9xx018 skip what is above the paranoia level.
func unmapped() []crs.Range {
	const first, last = 911000, 999999
	keep := mapped()
	for file := first / 1000; file <= last/1000; file++ {
		for n := 11; n <= 18; n++ {
			keep = append(keep, file*1000+n)
		}
	}
	slices.Sort(keep)
	var out []crs.Range
	next := first
	for _, id := range keep {
		if id > next {
			out = append(out, crs.Range{First: next, Last: id - 1})
		}
		next = id + 1
	}
	return append(out, crs.Range{First: next, Last: last})
}

// asked is the key of the one transaction of a request, shared by all rules.
type asked struct{}

type findings struct {
	hits  map[int][]crs.Found
	words map[int]string
	err   error
}

// inspect runs the Core Rule Set over what AWS would see of the request.
func inspect(s *webacl.Subject, in crs.Inspector) *findings {
	return s.Memo(asked{}, func() any {
		r := s.Request()
		uri := r.Path
		if r.Query != "" {
			uri += "?" + r.Query
		}
		hs := make([]crs.Header, len(r.Headers))
		for i, h := range r.Headers {
			hs[i] = crs.Header(h)
		}
		seen, _, _ := s.Body()
		t := in.Start(&crs.Request{Method: r.Method, URI: uri, Version: r.Version, Headers: hs, Client: r.Client})
		defer t.Close()
		result := t.Request(seen)
		f := &findings{hits: map[int][]crs.Found{}, words: map[int]string{}, err: result.Err}
		for _, h := range result.Hits {
			f.hits[h.ID], f.words[h.ID] = h.Found, h.Message
		}
		return f
	}).(*findings)
}

// answer says whether one of the rules matched in one of the places.
func answer(s *webacl.Subject, in crs.Inspector, c counterpart) webacl.Answer {
	f := inspect(s, in)
	var a webacl.Answer
	for _, id := range c.ids {
		for _, found := range f.hits[id] {
			if where := placeOf(s, in, id, found); where&c.in != 0 {
				a.Truth = webacl.Yes
				a.Details = append(a.Details, detail(id, f.words[id], where, found))
			}
		}
	}
	if a.Truth == webacl.Yes {
		return a
	}
	if f.err != nil {
		return webacl.Answer{Truth: webacl.Unknown, Why: f.err.Error()}
	}
	if part, name := missing(s, c.in); part {
		return webacl.Answer{Truth: webacl.Unknown, Why: name + " not known"}
	}
	return a
}

// missing says which of the places is not known of the request.
func missing(s *webacl.Subject, in place) (bool, string) {
	unknown := s.Request().Missing
	if in&inBody != 0 {
		if _, _, known := s.Body(); !known {
			return true, "the body is"
		}
	}
	switch {
	case in&(inHeader|inCookie) != 0 && unknown&webacl.PartHeaders != 0:
		return true, "the headers are"
	case in&inCookie != 0 && s.Request().Withholds("cookie"):
		return true, "the cookies are"
	case in&inHeader != 0 && len(s.Request().Withheld) > 0:
		return true, "the value of header " + s.Request().Withheld[0] + " is"
	case in&inQuery != 0 && unknown&webacl.PartQuery != 0:
		return true, "the query string is"
	case in&inPath != 0 && unknown&webacl.PartPath != 0:
		return true, "the path is"
	}
	return false, ""
}

// placeOf is where in the request the Core Rule Set found something.
func placeOf(s *webacl.Subject, in crs.Inspector, id int, f crs.Found) place {
	switch f.Variable {
	case "ARGS_GET", "ARGS_GET_NAMES", "QUERY_STRING":
		return inQuery
	case "REQUEST_FILENAME", "REQUEST_BASENAME":
		return inPath
	case "REQUEST_COOKIES", "REQUEST_COOKIES_NAMES":
		return inCookie
	case "REQUEST_HEADERS", "REQUEST_HEADERS_NAMES":
		if strings.EqualFold(f.Key, "cookie") {
			return inCookie
		}
		return inHeader
	case "REQUEST_URI", "REQUEST_URI_RAW", "REQUEST_LINE":
		return uriPlace(s, in, id)
	case "TX", "MATCHED_VAR", "MATCHED_VARS", "MATCHED_VARS_NAMES", "REQUEST_METHOD", "REQUEST_PROTOCOL":
		return 0
	}
	return inBody
}

// apart is the key of what the path alone and the query alone give.
type apart struct{}

// uriPlace tells the path from the query where a rule looks at both as one text:
// it asks again with one of them alone. Only requests with a hit come here.
func uriPlace(s *webacl.Subject, in crs.Inspector, id int) place {
	r := s.Request()
	if r.Query == "" {
		return inPath
	}
	where := s.Memo(apart{}, func() any {
		out := map[int]place{}
		for _, half := range []struct {
			uri string
			in  place
		}{{r.Path, inPath}, {"/?" + r.Query, inQuery}} {
			t := in.Start(&crs.Request{Method: r.Method, URI: half.uri, Version: r.Version, Client: r.Client})
			for _, h := range t.Request(nil).Hits {
				out[h.ID] |= half.in
			}
			t.Close()
		}
		return out
	}).(map[int]place)[id]
	if where == 0 {
		return inPath | inQuery // it takes both
	}
	return where
}

// span is where in a value the bytes stand that the rule quotes.
func span(f crs.Found) (start, end int) {
	_, quoted, ok := strings.Cut(f.Data, "Matched Data: ")
	if !ok {
		return 0, 0
	}
	if i := strings.Index(quoted, " found within "); i >= 0 {
		quoted = quoted[:i]
	}
	at := strings.Index(f.Value, quoted)
	if at < 0 || quoted == "" {
		return 0, 0
	}
	return at, at + len(quoted)
}

// fieldNames are the names of places in details, as in WAF logs.
func fieldName(where place) string {
	switch {
	case where&inQuery != 0:
		return "QUERY_STRING"
	case where&inPath != 0:
		return "URI"
	case where&inHeader != 0:
		return "HEADER"
	case where&inCookie != 0:
		return "COOKIE"
	}
	return "BODY"
}

func detail(id int, message string, where place, f crs.Found) webacl.Detail {
	start, end := span(f)
	return webacl.Detail{
		Field: fieldName(where), Name: f.Key, What: message, Value: f.Value, Start: start, End: end,
		Source: fmt.Sprintf("CRS %d", id),
	}
}
