// Package transform holds the text transformations of AWS WAF: what a rule does
// to a part of a request before it compares it. They are the transformations of
// ModSecurity by other names.
//
// It knows no rules and no requests: bytes in, bytes out.
//
//	out := transform.URLDecode.Append(nil, []byte("%3Cscript%3E")) // <script>
package transform
