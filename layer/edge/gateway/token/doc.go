// Package token makes and reads the tokens by which AWS WAF knows clients that
// solved a challenge or a CAPTCHA, and shows both.
//
// A token is the cookie aws-waf-token, or the header x-aws-waf-token of clients
// that keep no cookies: sealed with AES-256-GCM, it holds the session, the domain
// and when each puzzle was last solved. Whether that was too long ago is no
// question for this package: the web ACL and its rules have immunity times, and
// the engine compares.
//
// The challenge is work for the browser: hashes until enough begin with zeros. It
// needs no picture, no third party and no storage here but of which puzzles were
// used. It makes each session cost something and stops clients that run no
// JavaScript; it does not tell a person from a program that is written for it. The
// CAPTCHA adds a question in plain words, which a screen reader reads. It stops
// programs that were not written for this page, and hardly delays those that were:
// a language model answers it. Where that matters, limit what one session may do.
//
//	tokens, err := token.New(token.Config{}, token.Options{Keys: [][]byte{key}, Now: time.Now})
//	mux.Handle(token.Path, tokens)      // where solutions arrive
//	request.Token = tokens.Read(r)      // for the engine
//	tokens.Challenge(w, r)              // when its verdict is Challenge
package token
