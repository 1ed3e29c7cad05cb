package gateway

import (
	"crypto/subtle"
	"net/http"
	"strings"
)

// secretOK holds a request to the origin secret, where the configuration asks
// for one: exactly one header, equal to one of the secrets.
func (x *exchange) secretOK() bool {
	secrets := x.live.verify
	if len(x.s.config.Secret.Verify) == 0 {
		return true
	}
	var sent string
	n := 0
	for _, h := range x.request.Headers {
		if strings.EqualFold(h.Name, x.s.secretName) {
			sent = h.Value
			n++
		}
	}
	ok := 0
	for _, s := range secrets { // all are compared, whichever fits
		ok |= subtle.ConstantTimeCompare([]byte(sent), s)
	}
	if n == 1 && ok == 1 {
		return true
	}
	x.refuse(http.StatusForbidden, "origin-secret")
	return false
}
