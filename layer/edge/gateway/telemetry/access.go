package telemetry

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// Access is a line of the access log.
type Access struct {
	Time                        time.Time
	ID, Client, Peer            string
	Method, Host, Path, Version string
	TLS                         bool
	Status                      int
	In, Out                     int64
	Took                        time.Duration
	Route, Origin               string
	Attempts                    int
	Action, Rule                string
	Why                         string
	Agent, Trace                string
	// Key is the key of the client that signed the request.
	Key string
}

// Append writes the line as JSON, without its end.
func (a *Access) Append(b []byte) []byte {
	b = append(b, `{"time":"`...)
	b = a.Time.UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
	b = append(b, '"')
	b = text(b, "id", a.ID)
	b = text(b, "client", a.Client)
	if a.Peer != a.Client {
		b = text(b, "peer", a.Peer)
	}
	b = text(b, "method", a.Method)
	b = text(b, "host", a.Host)
	b = text(b, "path", a.Path)
	b = text(b, "version", a.Version)
	if a.TLS {
		b = append(b, `,"tls":true`...)
	}
	b = number(b, "status", int64(a.Status))
	b = number(b, "in", a.In)
	b = number(b, "out", a.Out)
	b = append(b, `,"seconds":`...)
	b = strconv.AppendFloat(b, a.Took.Seconds(), 'f', 6, 64)
	b = text(b, "route", a.Route)
	b = text(b, "origin", a.Origin)
	if a.Attempts > 1 {
		b = number(b, "attempts", int64(a.Attempts))
	}
	b = text(b, "action", a.Action)
	b = text(b, "rule", a.Rule)
	b = text(b, "why", a.Why)
	b = text(b, "agent", a.Agent)
	b = text(b, "key", a.Key)
	b = text(b, "trace", a.Trace)
	return append(b, '}')
}

func number(b []byte, name string, n int64) []byte {
	b = append(append(append(b, ',', '"'), name...), '"', ':')
	return strconv.AppendInt(b, n, 10)
}

// text writes a member, unless it is empty.
func text(b []byte, name, s string) []byte {
	if s == "" {
		return b
	}
	b = append(append(append(b, ',', '"'), name...), '"', ':')
	return quote(b, s)
}

const digits = "0123456789abcdef"

// quote writes a JSON string. Bytes that are no UTF-8 become U+FFFD.
func quote(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf && c != 0x7f {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			if r, n := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		}
		b = append(b, s[from:i]...)
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < utf8.RuneSelf:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		default:
			b = append(b, `\ufffd`...)
		}
		i++
		from = i
	}
	return append(append(b, s[from:]...), '"')
}
