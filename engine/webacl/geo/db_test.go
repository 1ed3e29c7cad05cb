package geo

import (
	"bytes"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"fathom/engine/webacl"
)

// kv is a record, or a part of one.
type kv = mmdbtype.Map

type network struct {
	prefix string
	record mmdbtype.DataType
}

// write makes a database.
func write(t testing.TB, kind string, version int, networks ...network) []byte {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: kind, IPVersion: version, RecordSize: 24, Description: map[string]string{"en": "for tests"}, Languages: []string{"en"}, IncludeReservedNetworks: true, BuildEpoch: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range networks {
		_, prefix, err := net.ParseCIDR(n.prefix)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(prefix, n.record); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := tree.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func word(s string) mmdbtype.String { return mmdbtype.String(s) }

func place(country, region string) kv {
	r := kv{
		"continent":          kv{"code": word("NA"), "names": kv{"en": word("North America")}},
		"country":            kv{"geoname_id": mmdbtype.Uint32(1), "iso_code": word(country), "names": kv{"en": word("Somewhere")}},
		"registered_country": kv{"iso_code": word("FR")},
		"location":           kv{"latitude": mmdbtype.Float64(1.5)},
	}
	if region != "" {
		r["subdivisions"] = mmdbtype.Slice{kv{"iso_code": word(region), "names": kv{"en": word("Region")}}, kv{"iso_code": word("INNER")}}
	}
	return r
}

func cities(t testing.TB) []byte {
	return write(t, "GeoLite2-City", 6,
		network{"192.0.2.0/24", place("US", "CA")},
		network{"198.51.100.0/24", place("DE", "")},
		network{"203.0.113.0/25", kv{"registered_country": kv{"iso_code": word("FR")}}},
		network{"203.0.113.128/25", place("not a code", "1;DROP")},
		network{"2001:db8::/32", place("gb", "ENG")},
	)
}

func systems(t testing.TB) []byte {
	return write(t, "GeoLite2-ASN", 6,
		network{"192.0.2.0/24", kv{"autonomous_system_number": mmdbtype.Uint32(64500), "autonomous_system_organization": word("Example")}},
		network{"2001:db8::/32", kv{"autonomous_system_number": mmdbtype.Uint32(4200000000)}},
	)
}

func TestAddressesOfAGeoLiteDatabase_7(t *testing.T) {
	db, err := Open(cities(t), systems(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Verify(); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		addr string
		want webacl.Place
	}{
		{"192.0.2.77", webacl.Place{Country: "US", Region: "CA", ASN: 64500}},
		{"::ffff:192.0.2.77", webacl.Place{Country: "US", Region: "CA", ASN: 64500}},
		{"198.51.100.1", webacl.Place{Country: "DE", Region: "XX"}},
		{"203.0.113.1", webacl.Place{Country: "XX", Region: "XX"}},   // registered in France, nobody knows where
		{"203.0.113.200", webacl.Place{Country: "XX", Region: "XX"}}, // no codes
		{"2001:db8::1", webacl.Place{Country: "GB", Region: "ENG", ASN: 4200000000}},
		{"2001:db8::1%eth0", webacl.Place{Country: "GB", Region: "ENG", ASN: 4200000000}},
		{"10.0.0.1", webacl.Place{Country: "XX", Region: "XX"}},
	} {
		c.want.HasCountry, c.want.HasASN = true, true
		if diff := cmp.Diff(c.want, db.Locate(netip.MustParseAddr(c.addr))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.addr, diff)
		}
	}
	if got := db.Locate(netip.Addr{}); got != (webacl.Place{}) {
		t.Errorf("no address is at %+v", got)
	}
}

func TestWithoutADatabaseNothingIsKnown_7(t *testing.T) {
	v4 := write(t, "GeoLite2-Country", 4, network{"192.0.2.0/24", place("US", "")})
	db, err := Open(v4, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := db.Locate(netip.MustParseAddr("192.0.2.1")), (webacl.Place{Country: "US", Region: "XX", HasCountry: true}); got != want {
		t.Errorf("without systems: %+v, want %+v", got, want)
	}
	if got := db.Locate(netip.MustParseAddr("2001:db8::1")); got != (webacl.Place{}) {
		t.Errorf("an IPv6 address in a database of IPv4 is at %+v; nothing is known of it", got)
	}
	if db, err = Open(nil, systems(t)); err != nil {
		t.Fatal(err)
	}
	if got, want := db.Locate(netip.MustParseAddr("192.0.2.1")), (webacl.Place{ASN: 64500, HasASN: true}); got != want {
		t.Errorf("without countries: %+v, want %+v", got, want)
	}
}

func TestOtherLayouts_7(t *testing.T) {
	for name, rec := range map[string]kv{
		"IPinfo country ASN": {"country": word("US"), "country_name": word("United States"), "asn": word("AS64500"), "as_name": word("Example")},
		"IPinfo Lite":        {"country": word("United States"), "country_code": word("US"), "asn": word("AS64500")},
		"IPinfo location":    {"country": word("US"), "region": word("California"), "region_code": word("CA"), "asn": word("64500")},
		"DB-IP":              {"country": kv{"iso_code": word("US"), "is_in_european_union": mmdbtype.Bool(false)}, "subdivisions": mmdbtype.Slice{kv{"names": kv{"en": word("California")}}}, "autonomous_system_number": mmdbtype.Uint32(64500)},
	} {
		file := write(t, name, 6, network{"192.0.2.0/24", rec})
		db, err := Open(file, file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := db.Locate(netip.MustParseAddr("192.0.2.1"))
		region := map[bool]string{true: "CA", false: "XX"}[name == "IPinfo location"]
		if want := (webacl.Place{Country: "US", Region: region, ASN: 64500, HasCountry: true, HasASN: true}); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func TestWhatIsNoDatabaseIsRefused(t *testing.T) {
	whole := cities(t)
	empty := write(t, "GeoLite2-Country", 6)
	for _, c := range []struct {
		name         string
		country, asn []byte
		want         string
	}{
		{"nothing", nil, nil, "no geo database"},
		{"an empty file", []byte{}, nil, "no MaxMind database"},
		{"a web page", []byte("<html>log in to download</html>"), nil, "no MaxMind database"},
		{"a file cut short", whole[:len(whole)/2], nil, "no MaxMind database"},
		{"a file without its start", whole[len(whole)/2:], nil, "geo database of countries"},
		{"no records", empty, nil, "none in its first 0 records"},
		{"the files exchanged", systems(t), whole, "is it the right file?"},
		{"a country file for systems", nil, whole, "autonomous systems"},
		{"a list for a record", write(t, "odd", 6, network{"192.0.2.0/24", mmdbtype.Slice{}}), nil, "damaged"},
	} {
		db, err := Open(c.country, c.asn)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error that says %q", c.name, err, c.want)
		}
		if db != nil {
			t.Errorf("%s: an error, and a database with it", c.name)
		}
	}
}

// A record that is damaged after the first ones says nothing, rather than
// something wrong.
func TestADamagedRecordIsNotKnown(t *testing.T) {
	file := write(t, "GeoLite2-Country", 6,
		network{"192.0.2.0/24", place("US", "")},
		network{"198.51.100.0/24", kv{"country": kv{"iso_code": word("ZZ")}, "asn": word("x")}},
	)
	damaged := bytes.Clone(file)
	at := bytes.Index(damaged, []byte("BZZ")) // a string of two bytes
	if at < 0 {
		t.Fatal("the record is not where the test looks for it")
	}
	damaged[at] = 0xff // a map with a size that the file does not have
	db, err := Open(damaged, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := db.Locate(netip.MustParseAddr("198.51.100.1")); got != (webacl.Place{}) {
		t.Errorf("a damaged record says %+v", got)
	}
	if got := db.Locate(netip.MustParseAddr("192.0.2.1")); got.Country != "US" {
		t.Errorf("a whole record beside it says %+v", got)
	}
	if err := db.Verify(); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("Verify says %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(cities(f))
	f.Add(systems(f))
	f.Add([]byte("\xab\xcd\xefMaxMind.com"))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, pair := range [][2][]byte{{file, nil}, {nil, file}, {file, file}} {
			db, err := Open(pair[0], pair[1])
			if err != nil {
				if db != nil {
					t.Fatal("an error, and a database with it")
				}
				continue
			}
			for _, a := range []string{"192.0.2.1", "203.0.113.200", "2001:db8::1", "255.255.255.255", "::"} {
				p := db.Locate(netip.MustParseAddr(a))
				if p.HasCountry != (p.Country != "") || len(p.Country) > 2 || len(p.Region) > 3 {
					t.Fatalf("%s is at %+v", a, p)
				}
			}
		}
	})
}

func BenchmarkLocate(b *testing.B) {
	db, err := Open(cities(b), systems(b))
	if err != nil {
		b.Fatal(err)
	}
	for name, addr := range map[string]netip.Addr{"v4": netip.MustParseAddr("192.0.2.77"), "v6": netip.MustParseAddr("2001:db8::1")} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if p := db.Locate(addr); !p.HasASN || p.Country == "XX" {
					b.Fatal(p)
				}
			}
		})
	}
}

// The two records of the first node point back to it: a walk of the tree would
// not end.
func TestATreeThatIsACircleIsRefused(t *testing.T) {
	file := bytes.Clone(write(t, "GeoLite2-Country", 6, network{"192.0.2.0/24", place("US", "")}))
	copy(file, make([]byte, 6))
	if db, err := Open(file, nil); err == nil {
		t.Errorf("opened, and says %+v", db.Locate(netip.MustParseAddr("192.0.2.1")))
	}
}
