package fingerprint

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// JA3 is the MD5 of RawJA3 in 32 hexadecimal digits.
func (h Hello) JA3() string {
	sum := md5.Sum([]byte(h.RawJA3()))
	return hex.EncodeToString(sum[:])
}

// RawJA3 is what JA3 is the hash of: version, ciphers, extensions, groups and
// point formats in decimal, with commas between them and hyphens inside.
func (h Hello) RawJA3() string {
	b := make([]byte, 0, 256)
	b = strconv.AppendUint(b, uint64(h.Version), 10)
	b = decimals(append(b, ','), h.Ciphers)
	b = decimals(append(b, ','), h.Extensions)
	b = decimals(append(b, ','), h.Groups)
	b = decimals(append(b, ','), h.PointFormats)
	return string(b)
}

func decimals[N uint8 | uint16](b []byte, of []N) []byte {
	for i, n := range of {
		if i > 0 {
			b = append(b, '-')
		}
		b = strconv.AppendUint(b, uint64(n), 10)
	}
	return b
}

// JA4 is the fingerprint in 36 characters, such as
// t13d1516h2_8daaf6152771_e5627efa2ab1: what can be read off, the hash of the
// sorted ciphers, and that of the sorted extensions with the signature
// algorithms as sent.
func (h Hello) JA4() string {
	return h.readable() + "_" + hash(h.sortedCiphers()) + "_" + hash(h.extensionList())
}

// RawJA4 is JA4 with the lists instead of their hashes (FoxIO's JA4_r).
func (h Hello) RawJA4() string {
	return h.readable() + "_" + h.sortedCiphers() + "_" + h.extensionList()
}

// readable is the first part: transport, version, whether there is a server name,
// how many ciphers and extensions, and two characters of the protocol.
func (h Hello) readable() string {
	transport, name := "t", "i"
	if slices.Contains(h.Extensions, extQUIC) {
		transport = "q"
	}
	if slices.Contains(h.Extensions, extServerName) {
		name = "d"
	}
	return fmt.Sprintf("%s%s%s%02d%02d%s", transport, h.version(), name,
		min(len(h.Ciphers), 99), min(len(h.Extensions), 99), ends(h.Protocol))
}

func (h Hello) version() string {
	version := h.Version
	if h.HasVersions {
		version = 0
		for _, v := range h.Versions {
			version = max(version, v)
		}
	}
	switch version {
	case 0x0304:
		return "13"
	case 0x0303:
		return "12"
	case 0x0302:
		return "11"
	case 0x0301:
		return "10"
	case 0x0300:
		return "s3"
	case 0x0002:
		return "s2"
	}
	return "00"
}

// ends are the first and last character of a protocol, or the first and last of
// its hexadecimal form where one of them is no letter or digit.
func ends(protocol string) string {
	if protocol == "" {
		return "00"
	}
	first, last := protocol[0], protocol[len(protocol)-1]
	if !alphanumeric(first) || !alphanumeric(last) {
		const digits = "0123456789abcdef"
		first, last = digits[first>>4], digits[last&0xf]
	}
	return string([]byte{first, last})
}

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

func (h Hello) sortedCiphers() string { return hexadecimals(slices.Sorted(slices.Values(h.Ciphers))) }

// extensionList leaves out the server name and the protocols, which the first
// part has: a client looks alike whatever it connects to.
func (h Hello) extensionList() string {
	var of []uint16
	for _, e := range h.Extensions {
		if e != extServerName && e != extALPN {
			of = append(of, e)
		}
	}
	slices.Sort(of)
	list := hexadecimals(of)
	if len(h.Signatures) > 0 {
		list += "_" + hexadecimals(h.Signatures)
	}
	return list
}

func hexadecimals(of []uint16) string {
	var b strings.Builder
	for i, n := range of {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(hex.EncodeToString([]byte{byte(n >> 8), byte(n)}))
	}
	return b.String()
}

// hash is the first 12 digits of the SHA-256. That of nothing is zeros, so that
// one sees it.
func hash(list string) string {
	if list == "" {
		return "000000000000"
	}
	sum := sha256.Sum256([]byte(list))
	return hex.EncodeToString(sum[:6])
}
