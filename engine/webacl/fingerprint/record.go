package fingerprint

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// What a connection may spend on its ClientHello. crypto/tls takes messages of
// the same size; real ones have at most 4 kB in one to three records.
const (
	MaxMessage = 1 << 16 // bytes of the message, without the records' headers
	MaxRecords = 64
)

const (
	typeHandshake   = 22 // of a record
	typeClientHello = 1  // of a handshake message
	recordHeader    = 5
	messageHeader   = 4
	maxRecord       = 1 << 14
)

// Need says from the first bytes of a connection how many more there must at
// least be before Parse can read the ClientHello; 0 is none. One that reads no
// more than Need says reads nothing that follows the message's last record. An
// error says that no ClientHello follows, however many bytes come: the
// connection has no fingerprint.
func Need(prefix []byte) (int, error) {
	_, missing, err := join(prefix)
	return missing, err
}

// join puts the message together that is cut over records. The message is whole
// if missing is 0. That of a single record is not copied.
func join(b []byte) (message []byte, missing int, err error) {
	for record := 0; ; record++ {
		if record == MaxRecords {
			return nil, 0, fmt.Errorf("the ClientHello is cut over more than %d records", MaxRecords)
		}
		if err := checkHeader(b); err != nil {
			return nil, 0, err
		}
		if len(b) < recordHeader {
			return nil, recordHeader - len(b), nil
		}
		length := int(binary.BigEndian.Uint16(b[3:]))
		b = b[recordHeader:]
		part := b[:min(length, len(b))]
		if record == 0 {
			message = part[:len(part):len(part)]
		} else {
			message = append(message, part...)
		}
		whole, err := messageLength(message)
		switch {
		case err != nil:
			return nil, 0, err
		case whole > 0 && len(message) >= whole:
			return message[:whole], 0, nil
		case len(part) < length:
			return nil, length - len(part), nil
		}
		b = b[length:]
	}
}

// checkHeader refuses what is no record of a handshake, as soon as that can be
// seen.
func checkHeader(b []byte) error {
	switch {
	case len(b) == 0:
		return nil
	case b[0]&0x80 != 0 && (len(b) < 3 || b[2] == typeClientHello):
		return errors.New("the connection begins like SSL 2.0, which has no fingerprint")
	case b[0] != typeHandshake:
		return fmt.Errorf("the connection does not begin with a TLS handshake: its first byte is 0x%02x, not 0x16", b[0])
	case len(b) > 1 && b[1] != 3:
		return fmt.Errorf("the record's version is %d, not 3 (TLS)", b[1])
	case len(b) >= recordHeader:
		if n := binary.BigEndian.Uint16(b[3:]); n == 0 || n > maxRecord {
			return fmt.Errorf("the record is %d bytes long; RFC 8446 allows 1 to %d", n, maxRecord)
		}
	}
	return nil
}

// messageLength is how long the message that begins so is, with its header; 0 is
// not known yet.
func messageLength(b []byte) (int, error) {
	if len(b) > 0 && b[0] != typeClientHello {
		return 0, fmt.Errorf("the first handshake message is of type %d, not a ClientHello (1)", b[0])
	}
	if len(b) < messageHeader {
		return 0, nil
	}
	n := int(b[1])<<16 | int(b[2])<<8 | int(b[3])
	if n > MaxMessage {
		return 0, fmt.Errorf("the ClientHello says it is %d bytes long; more than %d are not read", n, MaxMessage)
	}
	return messageHeader + n, nil
}
