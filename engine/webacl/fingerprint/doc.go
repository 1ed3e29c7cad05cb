// Package fingerprint makes the JA3 and JA4 fingerprints of a TLS client from the
// bytes of its ClientHello, the two that AWS WAF can match (fact sheet §4).
//
//	hello, err := fingerprint.Parse(prefix) // the first bytes of the connection
//	hello.JA3() // e7d705a3286e19ea42f587b344ee6865
//	hello.JA4() // t13d1516h2_8daaf6152771_e5627efa2ab1
//
// A listener that looks before its TLS library reads asks Need how many bytes
// are still to come.
//
// It is no TLS library: it reads one message, judges nothing, and does not read
// connections itself. DTLS, and QUIC before it is decrypted, are not read.
//
// JA3 is as in github.com/salesforce/ja3 (README), JA4 as in
// github.com/FoxIO-LLC/ja4 (technical_details/JA4.md), where the prose and
// FoxIO's programs differ, the prose; so does AWS's s2n-tls.
package fingerprint
