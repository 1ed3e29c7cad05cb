package proof

import (
	"io"
	"net/http"
)

// Reason is why a request is refused, in a word that the client is told.
type Reason string

// The reasons. Before its signature is known to be good a client only hears
// Required or Invalid, whatever is wrong.
const (
	Required    Reason = "signature-required"    // 401: it is not signed
	Invalid     Reason = "signature-invalid"     // 401: malformed, an unknown key, too little signed, or wrong
	Clock       Reason = "signature-time"        // 401: too old or of the future; the answer's Date tells the time
	Digest      Reason = "content-digest"        // 400: the digest is no good
	Replayed    Reason = "signature-replayed"    // 403: it was used before
	Unavailable Reason = "signature-unavailable" // 503: nobody knows whether it was used before
)

// Refusal is why a request is refused.
type Refusal struct {
	Reason Reason
	// Detail is for the gateway's log. The client does not see it.
	Detail string
	tag    string
}

func refuse(r Reason, detail string) *Refusal { return &Refusal{Reason: r, Detail: detail} }

// Error implements error.
func (r *Refusal) Error() string { return string(r.Reason) + ": " + r.Detail }

// Code is the status of the answer. What is no known reason is 403.
func (r *Refusal) Code() int {
	switch r.Reason {
	case Required, Invalid, Clock:
		return http.StatusUnauthorized
	case Digest:
		return http.StatusBadRequest
	case Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusForbidden
}

// Answer tells the client: {"error": REASON}, and what to sign (Accept-Signature,
// RFC 9421, section 5.1) where that helps.
func (r *Refusal) Answer(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	switch r.Code() {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Signature")
		h.Set("Accept-Signature", `app=("@method" "@authority" "@path" "@query" "content-digest");created;nonce;keyid;tag=`+quoted(r.tag))
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "2")
	}
	w.WriteHeader(r.Code())
	_, _ = io.WriteString(w, `{"error":"`+string(r.Reason)+"\"}\n")
}
