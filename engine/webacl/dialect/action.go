package dialect

import (
	"regexp"
	"slices"
	"strings"

	"fathom/engine/webacl"
	"fathom/estate/tree"
)

var actionKinds = map[string]webacl.ActionKind{
	"Allow": webacl.Allow, "Block": webacl.Block, "Count": webacl.Count, "Captcha": webacl.Captcha, "Challenge": webacl.Challenge,
}

// action reads one of the actions named.
func (r *reader) action(n *tree.Node, what string, names ...string) webacl.Action {
	var a webacl.Action
	o := r.object(n, what)
	if o == nil {
		return a
	}
	defer o.done()
	name, n := o.one(names...)
	if n == nil {
		return a
	}
	a.Kind = actionKinds[name]
	if a.Kind == webacl.Block {
		a.Response = r.response(n)
	} else {
		a.Insert = r.handling(n, name)
	}
	return a
}

// nothing reads a part that says all by being there.
func (r *reader) nothing(n *tree.Node, what string) {
	if o := r.object(n, what); o != nil {
		o.done()
	}
}

// handling reads the headers that an action inserts.
func (r *reader) handling(n *tree.Node, what string) []webacl.Header {
	o := r.object(n, what)
	if o == nil {
		return nil
	}
	defer o.done()
	h := o.get("CustomRequestHandling")
	if h == nil {
		return nil
	}
	in := r.object(h, "CustomRequestHandling")
	if in == nil {
		return nil
	}
	defer in.done()
	out := r.headers(in, "InsertHeaders")
	if len(out) == 0 && len(r.holes) == 0 {
		in.must(nil, "InsertHeaders")
	}
	return out
}

// The codes of custom responses (AWS WAF Developer Guide, "Supported status codes
// for custom response").
var codes = []int64{
	200, 201, 202, 204, 206, 300, 301, 302, 303, 304, 307, 308,
	400, 401, 403, 404, 405, 408, 409, 411, 412, 413, 414, 415, 416, 421, 429,
	500, 501, 502, 503, 504, 505,
}

// response reads what Block answers; nil is AWS's own 403.
func (r *reader) response(n *tree.Node) *webacl.Response {
	o := r.object(n, "Block")
	if o == nil {
		return nil
	}
	defer o.done()
	c := o.get("CustomResponse")
	if c == nil {
		return nil
	}
	in := r.object(c, "CustomResponse")
	if in == nil {
		return nil
	}
	defer in.done()
	var out webacl.Response
	if code := in.get("ResponseCode"); in.must(code, "ResponseCode") {
		if v, ok := r.number(code, "ResponseCode", 200, 600); ok {
			out.Code = int(v)
			if !slices.Contains(codes, v) {
				r.problem(code.Pos, "use one that AWS lists for custom responses", "ResponseCode %d is none that AWS takes", v)
			}
		}
	}
	if key := in.get("CustomResponseBodyKey"); key != nil {
		if s, ok := r.text(key, "CustomResponseBodyKey"); ok {
			out.Body = s
			r.used = append(r.used, use{s, key.Pos})
		}
	}
	out.Headers = r.headers(in, "ResponseHeaders")
	for _, h := range out.Headers {
		if strings.EqualFold(h.Name, "content-type") {
			r.problem(in.n.Pos, "set the ContentType of the body", "a custom response cannot have the header %q", h.Name)
		}
	}
	return &out
}

var headerName = regexp.MustCompile(`^[a-zA-Z0-9._$-]{1,64}$`)

// headers reads names with values, ten at most.
func (r *reader) headers(o *object, member string) []webacl.Header {
	list := o.list(member)
	var out []webacl.Header
	for _, it := range list {
		h := r.object(it, "one of "+o.spell(member))
		if h == nil {
			continue
		}
		name, value := h.get("Name"), h.get("Value")
		if h.must(name, "Name") && h.must(value, "Value") {
			n, known := r.text(name, "the name of a header")
			v, _ := r.text(value, "the value of header "+n)
			if known && !headerName.MatchString(n) {
				r.problem(name.Pos, "use letters, digits, - . _ and $, 64 at most", "the header name %q is none that AWS takes", n)
			}
			if len(v) > 255 || strings.ContainsAny(v, "\r\n\x00") {
				r.problem(value.Pos, "use one line of 255 characters at most", "the value of header %q is none that AWS takes", n)
			}
			out = append(out, webacl.Header{Name: n, Value: v})
		}
		h.done()
	}
	if len(list) > 10 {
		r.problem(list[10].Pos, "use 10 at most", "%s has %d headers", o.what, len(list))
	}
	return out
}
