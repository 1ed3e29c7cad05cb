package fingerprint

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
)

// records cuts a message into records of a size, as a server gets it.
func records(message []byte, size int) (out []byte) {
	for part := range slices.Chunk(message, size) {
		out = append(out, typeHandshake, 3, 1)
		out = binary.BigEndian.AppendUint16(out, uint16(len(part)))
		out = append(out, part...)
	}
	return out
}

// recorder keeps what is read from a connection.
type recorder struct {
	net.Conn
	read bytes.Buffer
}

func (r *recorder) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	r.read.Write(b[:n])
	return n, err
}

// handshake gives the bytes that Go's TLS client sends, and what Go's TLS server
// makes of them.
func handshake(t *testing.T, config *tls.Config) ([]byte, *tls.ClientHelloInfo) {
	t.Helper()
	client, server := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		tls.Client(client, config).Handshake()
		client.Close()
	}()
	seen := &recorder{Conn: server}
	var info tls.ClientHelloInfo
	tls.Server(seen, &tls.Config{GetConfigForClient: func(i *tls.ClientHelloInfo) (*tls.Config, error) {
		info = *i
		return nil, errors.New("seen enough")
	}}).Handshake()
	server.Close()
	<-done
	return seen.read.Bytes(), &info
}

// The values of Go's own parser, put together by the specifications' words.
func TestGoClientsHaveTheFingerprintsOfTheirHandshake_4(t *testing.T) {
	for name, config := range map[string]*tls.Config{
		"the default":     {ServerName: "shop.example"},
		"h2":              {ServerName: "shop.example", NextProtos: []string{"h2", "http/1.1"}},
		"no name":         {InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}},
		"TLS 1.2":         {ServerName: "shop.example", MaxVersion: tls.VersionTLS12},
		"TLS 1.0":         {ServerName: "shop.example", MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10},
		"other ciphers":   {ServerName: "shop.example", MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{0xc02f, 0xc02b}},
		"only one curve":  {ServerName: "shop.example", CurvePreferences: []tls.CurveID{tls.X25519}},
		"GREASE protocol": {ServerName: "shop.example", NextProtos: []string{"\x0a\x0a"}},
	} {
		t.Run(name, func(t *testing.T) {
			sent, info := handshake(t, config)
			h, err := Parse(sent)
			if err != nil {
				t.Fatal(err)
			}
			legacy := min(slices.Max(info.SupportedVersions), tls.VersionTLS12)
			raw := fmt.Sprintf("%d,%s,%s,%s,%s", legacy, join10(info.CipherSuites), join10(info.Extensions), join10(info.SupportedCurves), join10(info.SupportedPoints))
			if h.RawJA3() != raw {
				t.Errorf("the JA3 string is %s, want %s", h.RawJA3(), raw)
			}
			if want := fmt.Sprintf("%x", md5.Sum([]byte(raw))); h.JA3() != want {
				t.Errorf("JA3 is %s, want %s", h.JA3(), want)
			}
			if want := ja4Of(info); h.JA4() != want {
				t.Errorf("JA4 is %s, want %s", h.JA4(), want)
			}
			if len(h.JA4()) != 36 {
				t.Errorf("JA4 %s has %d characters, not 36", h.JA4(), len(h.JA4()))
			}
		})
	}
}

func join10[N ~uint8 | ~uint16](of []N) string {
	var out []string
	for _, n := range of {
		out = append(out, fmt.Sprint(uint16(n)))
	}
	return strings.Join(out, "-")
}

func ja4Of(info *tls.ClientHelloInfo) string {
	hash := func(s string) string {
		if s == "" {
			return strings.Repeat("0", 12)
		}
		return fmt.Sprintf("%x", sha256.Sum256([]byte(s)))[:12]
	}
	list := func(of []uint16) string {
		var out []string
		for _, n := range of {
			out = append(out, fmt.Sprintf("%04x", n))
		}
		return strings.Join(out, ",")
	}
	version := map[uint16]string{tls.VersionTLS13: "13", tls.VersionTLS12: "12", tls.VersionTLS10: "10"}[slices.Max(info.SupportedVersions)]
	name := map[bool]string{true: "d", false: "i"}[info.ServerName != ""]
	alpn := map[string]string{"": "00", "h2": "h2", "http/1.1": "h1", "\x0a\x0a": "0a"}[slices.Concat(info.SupportedProtos, []string{""})[0]]
	extensions := slices.DeleteFunc(slices.Sorted(slices.Values(info.Extensions)), func(e uint16) bool { return e == 0 || e == 16 })
	end := list(extensions)
	for i, s := range info.SignatureSchemes {
		end += map[bool]string{true: "_", false: ","}[i == 0] + fmt.Sprintf("%04x", uint16(s))
	}
	return fmt.Sprintf("t%s%s%02d%02d%s_%s_%s", version, name, len(info.CipherSuites), len(info.Extensions), alpn, hash(list(slices.Sorted(slices.Values(info.CipherSuites)))), hash(end))
}

// However the message is cut, a listener that reads what Need says gets to the
// same fingerprint, and reads no byte too many.
func TestNeedLeadsToTheEndOfTheMessage(t *testing.T) {
	message := unhex(t, captured[0].message)
	for _, size := range []int{len(message), 300, 100, 17, 8} {
		sent := records(message, size)
		wire := bytes.NewReader(append(slices.Clone(sent), "more"...))
		var got []byte
		for {
			n, err := Need(got)
			if err != nil {
				t.Fatalf("records of %d bytes: %v", size, err)
			}
			if n == 0 {
				break
			}
			more := make([]byte, n)
			if _, err := io.ReadFull(wire, more); err != nil {
				t.Fatalf("records of %d bytes: Need asks for %d bytes more than there are: %v", size, n, err)
			}
			got = append(got, more...)
		}
		if !bytes.Equal(got, sent) {
			t.Errorf("records of %d bytes: read %d bytes of %d", size, len(got), len(sent))
		}
		h, err := Parse(append(got, 23, 3, 3, 0, 1, 0))
		if err != nil {
			t.Fatal(err)
		}
		if h.JA4() != captured[0].ja4 {
			t.Errorf("records of %d bytes: JA4 is %s", size, h.JA4())
		}
	}
}

func TestWhatIsNoClientHelloIsRefused(t *testing.T) {
	hello := build(t, "771,4865-47,0-10-11,29,0")
	bare := func(change func([]byte) []byte) []byte { return change(slices.Clone(hello)) }
	for _, c := range []struct {
		name string
		in   []byte
		want string
	}{
		{"nothing", nil, "sent nothing"},
		{"HTTP", []byte("GET / HTTP/1.1\r\n"), "first byte is 0x47"},
		{"SSL 2.0", []byte{0x80, 0x2e, 1, 0, 2}, "SSL 2.0"},
		{"no version of TLS", []byte{22, 2, 0, 0, 4}, "version is 2"},
		{"an empty record", []byte{22, 3, 1, 0, 0}, "0 bytes long"},
		{"a record too long", []byte{22, 3, 1, 0x40, 1}, "16385 bytes long"},
		{"a ServerHello", records([]byte{2, 0, 0, 0}, 4), "type 2"},
		{"an alert after half of it", append(records(hello[:20], 20), 21, 3, 1, 0, 2, 2, 40), "first byte is 0x15"},
		{"half of it", records(hello, len(hello))[:40], "cut off"},
		{"too long a message", records([]byte{1, 1, 0, 1}, 4), "65537 bytes long"},
		{"too many records", records(append([]byte{1, 0, 1, 0}, make([]byte, 256)...), 1), "more than 64 records"},
		{"an odd list of ciphers", bare(func(b []byte) []byte { b[40] = 5; return b }), "half a number"},
		{"an extension twice", build(t, "771,47,10-10,29,0"), "extension 10 twice"},
		{"bytes after the extensions", bare(func(b []byte) []byte { b[3]++; return append(b, 0) }), "do not end"},
		{"a list that does not fill its extension", bare(func(b []byte) []byte { b[len(b)-2] = 0; return b }), "extension 11 does not parse"},
	} {
		h, err := Parse(c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error that says %q", c.name, err, c.want)
		}
		if h.Ciphers != nil || h.Extensions != nil {
			t.Errorf("%s: an error, and %+v with it", c.name, h)
		}
	}
}

func TestGREASEIsLeftOutEverywhere_4(t *testing.T) {
	with, err := Parse(build(t, "771,2570-4865-64250,6682-0-10-11-14906,19018-29,0"))
	if err != nil {
		t.Fatal(err)
	}
	if got := with.RawJA3(); got != "771,4865,0-10-11,29,0" {
		t.Errorf("GREASE is in %s", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range captured {
		f.Add(unhex(f, c.message))
		f.Add(records(unhex(f, c.message), 50))
	}
	f.Add([]byte("GET / HTTP/1.1"))
	f.Add([]byte{0x80, 0x2e, 1, 0, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		need, needErr := Need(b)
		h, err := Parse(b)
		if len(b) > 0 && b[0] == typeHandshake {
			if (needErr != nil || need > 0) && err == nil {
				t.Fatalf("Need says %d, %v; Parse reads it all the same", need, needErr)
			}
		}
		if err != nil {
			return
		}
		if len(h.JA3()) != 32 || len(h.JA4()) != 36 {
			t.Fatalf("JA3 %q, JA4 %q", h.JA3(), h.JA4())
		}
		if again, err := Parse(b); err != nil || again.RawJA3() != h.RawJA3() || again.RawJA4() != h.RawJA4() {
			t.Fatalf("twice the same bytes, two fingerprints")
		}
	})
}

func BenchmarkFingerprint(b *testing.B) {
	hello := records(unhex(b, captured[0].message), 1<<14)
	b.ReportAllocs()
	for b.Loop() {
		h, err := Parse(hello)
		if err != nil || h.JA3() == "" || h.JA4() == "" {
			b.Fatal(err)
		}
	}
}
