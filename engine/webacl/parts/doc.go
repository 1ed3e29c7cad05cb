// Package parts splits query strings and cookies as AWS WAF does: into names and
// values as they were sent, nothing decoded. It does not say what is valid.
//
//	for name, value := range parts.Query("a=1&b=%32") { … } // a 1, b %32
package parts
