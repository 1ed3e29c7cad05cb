// Package page renders what the gateway itself shows to people: the challenge,
// the CAPTCHA and the waiting room. One layout and one style, embedded; a page
// asks for nothing else, carries a Content-Security-Policy with a nonce of its
// own, works at any width, in the dark, without images and with a keyboard.
//
// It is no template engine for others: what a page says lies with whoever shows
// it, as a template (which defines "title" and "body", and may define "head") and
// scripts beside it.
//
//	var room = page.Must(files, "room.gohtml", "room.js")
//	room.Write(w, http.StatusServiceUnavailable, data)
package page
