package gateway

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"fathom/engine/webacl/crs"
)

// errAnswer is an answer of the origin that the rule set does not let out.
var errAnswer = errors.New("the answer of the origin was withheld")

// inspectBody asks about an answer with as much of its body as is inspected. The
// rest goes on to the client as it comes.
func (x *exchange) inspectBody(a *http.Response) error {
	head := make([]byte, 0, 4<<10)
	if a.Body != nil && a.StatusCode != http.StatusSwitchingProtocols {
		b, err := io.ReadAll(io.LimitReader(a.Body, int64(x.s.config.CRS.Body)))
		if err != nil {
			return err
		}
		head = b
		a.Body = &joined{Reader: io.MultiReader(bytes.NewReader(head), a.Body), Closer: a.Body}
	}
	r := &crs.Response{Status: a.StatusCode, Version: a.Proto, Body: head}
	for name, values := range a.Header {
		for _, v := range values {
			r.Headers = append(r.Headers, crs.Header{Name: name, Value: v})
		}
	}
	x.crs.result = x.crs.t.Response(r)
	if x.s.config.CRS.Mode == "block" && (x.crs.result.Blocked || x.crs.result.Err != nil) {
		return errAnswer
	}
	return nil
}

type joined struct {
	io.Reader
	io.Closer
}
