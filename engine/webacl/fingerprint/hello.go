package fingerprint

import (
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
)

// Hello is what of a ClientHello the fingerprints are made of. The lists stand in
// the order sent, without GREASE values (RFC 8701).
type Hello struct {
	// Version is the legacy_version, which is TLS 1.2 (0x0303) in TLS 1.3.
	Version uint16
	Ciphers []uint16
	// Extensions are the types of all extensions.
	Extensions []uint16
	// Groups are the supported groups, once called elliptic curves.
	Groups       []uint16
	PointFormats []uint8
	Signatures   []uint16 // signature_algorithms
	// Versions are the supported_versions. HasVersions says that the extension is
	// there.
	Versions    []uint16
	HasVersions bool
	// Protocol is the first protocol of ALPN, not necessarily printable.
	Protocol string
}

// The extensions that are read (IANA, TLS ExtensionType Values).
const (
	extServerName uint16 = 0
	extGroups     uint16 = 10
	extPoints     uint16 = 11
	extSignatures uint16 = 13
	extALPN       uint16 = 16
	extVersions   uint16 = 43
	extQUIC       uint16 = 57
)

// Parse reads a ClientHello: the bytes of a connection, which begin with a TLS
// record (the message may be cut over several), or the handshake message alone.
// Bytes after the message are not looked at. It refuses what no TLS server
// would accept: lists that do not end, an extension twice.
func Parse(handshake []byte) (Hello, error) {
	message := handshake
	if len(handshake) == 0 {
		return Hello{}, errors.New("there is no ClientHello: the connection sent nothing")
	}
	if handshake[0] != typeClientHello {
		var missing int
		var err error
		message, missing, err = join(handshake)
		if err != nil {
			return Hello{}, err
		}
		if missing > 0 {
			return Hello{}, fmt.Errorf("the ClientHello is cut off: at least %d more bytes are needed", missing)
		}
	}
	return parseMessage(message)
}

func parseMessage(message []byte) (Hello, error) {
	var h Hello
	s := cryptobyte.String(message)
	var body, session, ciphers, compression cryptobyte.String
	if !s.Skip(1) || !s.ReadUint24LengthPrefixed(&body) {
		return h, errors.New("the ClientHello is cut off")
	}
	switch {
	case !body.ReadUint16(&h.Version):
		return h, errors.New("the ClientHello ends in its version")
	case !body.Skip(32):
		return h, errors.New("the ClientHello ends in its random")
	case !body.ReadUint8LengthPrefixed(&session):
		return h, errors.New("the ClientHello ends in its session ID")
	case !body.ReadUint16LengthPrefixed(&ciphers):
		return h, errors.New("the ClientHello ends in its cipher suites")
	case !body.ReadUint8LengthPrefixed(&compression):
		return h, errors.New("the ClientHello ends in its compression methods")
	}
	var ok bool
	if h.Ciphers, ok = numbers(ciphers); !ok {
		return Hello{}, errors.New("the ClientHello's cipher suites are half a number too long")
	}
	if body.Empty() {
		return h, nil // before TLS 1.2 extensions may be left out
	}
	var extensions cryptobyte.String
	if !body.ReadUint16LengthPrefixed(&extensions) || !body.Empty() {
		return Hello{}, errors.New("the ClientHello's extensions do not end where the message does")
	}
	if err := h.readExtensions(extensions); err != nil {
		return Hello{}, err
	}
	return h, nil
}

func (h *Hello) readExtensions(s cryptobyte.String) error {
	var seen [1 << 16 / 64]uint64
	for !s.Empty() {
		var kind uint16
		var data cryptobyte.String
		if !s.ReadUint16(&kind) || !s.ReadUint16LengthPrefixed(&data) {
			return errors.New("the ClientHello's last extension is cut off")
		}
		if seen[kind/64]&(1<<(kind%64)) != 0 {
			return fmt.Errorf("the ClientHello has extension %d twice, which RFC 8446 forbids", kind)
		}
		seen[kind/64] |= 1 << (kind % 64)
		if grease(kind) {
			continue
		}
		h.Extensions = append(h.Extensions, kind)
		if !h.readExtension(kind, data) {
			return fmt.Errorf("the ClientHello's extension %d does not parse", kind)
		}
	}
	return nil
}

// readExtension says whether the data of an extension parse. Those that no
// fingerprint needs do.
func (h *Hello) readExtension(kind uint16, data cryptobyte.String) bool {
	var list cryptobyte.String
	var ok bool
	switch kind {
	case extGroups:
		if ok = data.ReadUint16LengthPrefixed(&list); ok {
			h.Groups, ok = numbers(list)
		}
	case extPoints:
		if ok = data.ReadUint8LengthPrefixed(&list); ok {
			h.PointFormats = append([]uint8(nil), list...)
		}
	case extSignatures:
		if ok = data.ReadUint16LengthPrefixed(&list); ok {
			h.Signatures, ok = numbers(list)
		}
	case extVersions:
		h.HasVersions = true
		if ok = data.ReadUint8LengthPrefixed(&list); ok {
			h.Versions, ok = numbers(list)
		}
	case extALPN:
		var first cryptobyte.String
		if ok = data.ReadUint16LengthPrefixed(&list); ok && !list.Empty() {
			ok = list.ReadUint8LengthPrefixed(&first)
			h.Protocol = string(first)
		}
	default:
		return true
	}
	return ok && data.Empty()
}

// numbers reads a list of 16-bit numbers and leaves GREASE out.
func numbers(s cryptobyte.String) ([]uint16, bool) {
	if len(s)%2 != 0 {
		return nil, false
	}
	out := make([]uint16, 0, len(s)/2)
	for !s.Empty() {
		var n uint16
		s.ReadUint16(&n)
		if !grease(n) {
			out = append(out, n)
		}
	}
	return out, true
}

// grease says whether a number is reserved by RFC 8701: 0x0a0a, 0x1a1a, … 0xfafa.
func grease(n uint16) bool { return n>>8 == n&0xff && n&0xf == 0xa }
