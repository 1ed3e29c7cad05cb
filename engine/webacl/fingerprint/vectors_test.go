package fingerprint

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
)

// Two ClientHellos of FoxIO's captures (github.com/FoxIO-LLC/ja4, pcap/), with the
// fingerprints that the project publishes for them.
var captured = []struct{ name, message, ja4, raw string }{
	{
		"tls-sni.pcapng: Chrome, TLS 1.3, GREASE, h2",
		"010001fc03030f9e38acb9a54a7c6e00e29a70ac2feee180ff76d7f25dca84932a66a42d1e5a20bc58b92f865e6b9aa4a6371cadcb0afe1da1c0f705209a11d52357f56d5dd9620020aaaa130113021303c02bc02fc02cc030cca9cca8c013c014009c009d002f0035010001939a9a0000ff010001000033002b00290a0a000100001d0020cf55af2603e92f59eb321779706a18fa6b96b16c16404c2264ed687a59401878002d00020101000500050100000000446900050003026832000d00120010040308040401050308050501080606010010000e000c02683208687474702f312e3100230000001b0003020002002b0007060a0a0304030300000022002000001d636c69656e7473657276696365732e676f6f676c65617069732e636f6d00120000000a000a00080a0a001d0017001800170000000b000201006a6a000100001500ba" + strings.Repeat("00", 0xba),
		"t13d1516h2_8daaf6152771_e5627efa2ab1",
		"t13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_0403,0804,0401,0503,0805,0501,0806,0601",
	},
	{
		"socks-https-example.pcap: TLS 1.0 with a server name alone",
		"0100006f0301529cbff829e8f23edf4bb09e1feaadd0131b7bc56eab3d7567b17e0374bd6b7500002e00390038003500160013000a00330032002f009a00990096000500040015001200090014001100080006000300ff0100001800000014001200000f7777772e6578616d706c652e636f6d",
		"t10d230100_6a57a6f57151_000000000000",
		"t10d230100_0003,0004,0005,0006,0008,0009,000a,0011,0012,0013,0014,0015,0016,002f,0032,0033,0035,0038,0039,0096,0099,009a,00ff_",
	},
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestJA4OfFoxIOsCaptures_4(t *testing.T) {
	for _, c := range captured {
		t.Run(c.name, func(t *testing.T) {
			h, err := Parse(unhex(t, c.message))
			if err != nil {
				t.Fatal(err)
			}
			if got := h.JA4(); got != c.ja4 {
				t.Errorf("JA4 is %s, published is %s", got, c.ja4)
			}
			if got := h.RawJA4(); got != c.raw {
				t.Errorf("JA4_r is\n%s, published is\n%s", got, c.raw)
			}
		})
	}
}

// The two examples of salesforce/ja3's README.
func TestJA3OfItsReadme_4(t *testing.T) {
	for raw, want := range map[string]string{
		"769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0": "ada70206e40642a3e4461f35503241d5",
		"769,4-5-10-9-100-98-3-6-19-18-99,,,":                                  "de350869b8c85de67a350c8d186f11e6",
	} {
		h, err := Parse(build(t, raw))
		if err != nil {
			t.Fatal(err)
		}
		if got := h.RawJA3(); got != raw {
			t.Errorf("the string is %s, not %s", got, raw)
		}
		if got := h.JA3(); got != want {
			t.Errorf("JA3 of %s is %s, not %s", raw, got, want)
		}
	}
}

// JA4.md's examples of protocols that are not printable, of one character and of
// none.
func TestJA4OfProtocols_4(t *testing.T) {
	for protocol, want := range map[string]string{
		"": "00", "h2": "h2", "http/1.1": "h1", "q": "qq",
		"\xab": "ab", "\xab\xcd": "ad", "0\xab": "3b", "01\xab\xcd": "3d", "0\xab\xcd1": "01",
	} {
		h := Hello{Version: 0x0303, Protocol: protocol}
		if got := h.JA4(); got != "t12i0000"+want+"_000000000000_000000000000" {
			t.Errorf("protocol %q gives %s, want %s at its end", protocol, got, want)
		}
	}
}

func TestJA4OfVersionsAndCounts_4(t *testing.T) {
	many := make([]uint16, 120)
	for _, c := range []struct {
		hello Hello
		want  string
	}{
		{Hello{Version: 0x0300}, "s3i000000"},
		{Hello{Version: 0x0002}, "s2i000000"},
		{Hello{Version: 0x0302}, "11i000000"},
		{Hello{Version: 0x7777}, "00i000000"},
		{Hello{Version: 0x0303, HasVersions: true, Versions: []uint16{0x0303, 0x0304}}, "13i000000"},
		{Hello{Version: 0x0303, HasVersions: true, Versions: []uint16{0x0302, 0x0301}}, "11i000000"},
		{Hello{Version: 0x0303, Ciphers: many}, "12i990000"},
	} {
		if got := c.hello.JA4()[1:10]; got != c.want {
			t.Errorf("%+v gives %s, want %s", c.hello, got, c.want)
		}
	}
	quic := Hello{Version: 0x0303, Extensions: []uint16{57}}
	if got := quic.JA4()[:1]; got != "q" {
		t.Errorf("a ClientHello with QUIC's transport parameters begins with %q", got)
	}
}

// build makes the ClientHello of a JA3 string.
func build(t testing.TB, raw string) []byte {
	t.Helper()
	parts := strings.Split(raw, ",")
	list := func(i int) (out []uint16) {
		for _, s := range strings.Split(parts[i], "-") {
			var n uint16
			if _, err := fmt.Sscan(s, &n); err == nil {
				out = append(out, n)
			}
		}
		return out
	}
	add16 := func(of []uint16) cryptobyte.BuilderContinuation {
		return func(b *cryptobyte.Builder) {
			for _, n := range of {
				b.AddUint16(n)
			}
		}
	}
	var b cryptobyte.Builder
	b.AddUint8(1)
	b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint16(list(0)[0])
		b.AddBytes(make([]byte, 32))
		b.AddUint8(0)
		b.AddUint16LengthPrefixed(add16(list(1)))
		b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddUint8(0) })
		if parts[2] == "" {
			return
		}
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			for _, e := range list(2) {
				b.AddUint16(e)
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
					switch e {
					case extGroups:
						b.AddUint16LengthPrefixed(add16(list(3)))
					case extPoints:
						b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) {
							for _, n := range list(4) {
								b.AddUint8(uint8(n))
							}
						})
					}
				})
			}
		})
	})
	return b.BytesOrPanic()
}
