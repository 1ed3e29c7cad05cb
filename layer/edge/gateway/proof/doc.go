// Package proof verifies that a request was made by one of the shop's own apps
// (edge.client-proof): it is signed, not long ago, and for the first time.
//
// The signatures are HTTP Message Signatures (RFC 9421) with the algorithms
// hmac-sha256 and ed25519, over a Content-Digest (RFC 9530) where there is a body.
// Any library for them signs; Signer is one in Go. What a request has to have:
//
//	Content-Digest: sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:
//	Signature-Input: app=("@method" "@authority" "@path" "@query" "content-digest");
//	    created=1618884473;nonce="4QZP6ZC2T3N7XKQYB5JH";keyid="ios-7";tag="fathom"
//	Signature: app=:…:
//
// in one line each, where content-digest may be missing if there is no body. It
// may cover more: other headers and the derived components @scheme,
// @request-target and @target-uri. What is signed is the signature base of
// RFC 9421, section 2.5: one line for each component, then its parameters.
//
// Of the RFC it is a subset: components take no parameters (;sf, ;bs, ;key, ;req,
// ;tr), and @query-param, @status and other algorithms are refused. @path and
// @query are compared as they were sent; a proxy that rewrites them breaks the
// signature.
//
// A key in an app can be taken out of the app. A signature tells which release of
// which app a request claims to be from, stops replays and changes on the way,
// and makes whoever forges work for each release. It proves no person and no
// device.
//
//	verifier, err := proof.New(proof.Config{}, proof.Options{Keys: keys, Now: time.Now})
//	who, refusal := verifier.Verify(r)
//	if refusal != nil {
//		refusal.Answer(w)
//		return
//	}
package proof
