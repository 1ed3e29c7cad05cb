package geo

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"github.com/oschwald/maxminddb-golang/v2"
	"go4.org/netipx"

	"fathom/engine/webacl"
)

// Unknown is the country, or region, of an address that the database does not
// have (fact sheet §7).
const Unknown = "XX"

// samples are the records that Open reads to see what is in a database.
const samples = 500

// lookups bounds how long it searches for them.
const lookups = 20_000

// DB is a webacl.Locator. It can be asked by many at once.
type DB struct {
	country, asn *maxminddb.Reader
	records      sync.Pool
}

var _ webacl.Locator = (*DB)(nil)

// Open reads a database with countries and one with autonomous systems. One of
// them may be nil: what it would have said is not known of any address, and a
// rule that needs it is undecidable. A database that has both can be given
// twice. The DB keeps the slices, which must not change.
//
// It refuses what is no database, and one whose records do not say what it is
// asked for. It does not read every record: Verify does.
func Open(countryDB, asnDB []byte) (*DB, error) {
	if countryDB == nil && asnDB == nil {
		return nil, errors.New("no geo database: give one with countries, or one with autonomous systems, or both")
	}
	db := &DB{records: sync.Pool{New: func() any { return new(record) }}}
	var err error
	if db.country, err = open(countryDB, "countries", func(r *record) bool { return r.country != "" }); err != nil {
		return nil, err
	}
	if db.asn, err = open(asnDB, "autonomous systems", func(r *record) bool { return r.asn != 0 }); err != nil {
		return nil, err
	}
	return db, nil
}

func open(file []byte, of string, has func(*record) bool) (*maxminddb.Reader, error) {
	if file == nil {
		return nil, nil
	}
	r, err := maxminddb.OpenBytes(file)
	if err != nil {
		return nil, fmt.Errorf("the geo database of %s is no MaxMind database: %w", of, err)
	}
	if m := r.Metadata; m.BinaryFormatMajorVersion != 2 || m.RecordSize != 24 && m.RecordSize != 28 && m.RecordSize != 32 || m.IPVersion != 4 && m.IPVersion != 6 {
		return nil, fmt.Errorf("the geo database of %s is of a kind that does not exist: format %d, %d-bit records, IP version %d", of, m.BinaryFormatMajorVersion, m.RecordSize, m.IPVersion)
	}
	if r.Metadata.NodeCount == 0 {
		return nil, fmt.Errorf("the geo database of %s (%s) is empty", of, r.Metadata.DatabaseType)
	}
	read, err := sample(r, has)
	if err != nil {
		return nil, fmt.Errorf("the geo database of %s (%s) is damaged: %w", of, r.Metadata.DatabaseType, err)
	}
	if read >= 0 {
		return nil, fmt.Errorf("the geo database of %s (%s) has none in its first %d records; is it the right file?", of, r.Metadata.DatabaseType, read)
	}
	return r, nil
}

// sample reads the first records until one has what is looked for, and says how
// many have not; -1 is that one has. It goes from network to network by looking
// them up: the library's own walk never ends in a tree whose nodes form a
// circle.
func sample(r *maxminddb.Reader, has func(*record) bool) (int, error) {
	read := 0
	next := netip.IPv4Unspecified()
	for range lookups {
		result := r.Lookup(next)
		if err := result.Err(); err != nil {
			return 0, err
		}
		if result.Found() {
			var rec record
			if err := result.Decode(&rec); err != nil {
				return 0, err
			}
			if has(&rec) {
				return -1, nil
			}
			if read++; read == samples {
				return read, nil
			}
		}
		v4 := next.Is4()
		next = netipx.RangeOfPrefix(result.Prefix()).To().Next()
		switch {
		case next.IsValid():
		case v4 && r.Metadata.IPVersion == 6:
			next = netip.MustParseAddr("2000::") // where the addresses in use begin
		default:
			return read, nil
		}
	}
	return read, nil
}

// Verify reads the databases whole and says what is damaged. That takes seconds
// for the large ones.
func (db *DB) Verify() error {
	return errors.Join(verify(db.country, "countries"), verify(db.asn, "autonomous systems"))
}

func verify(r *maxminddb.Reader, of string) error {
	if r == nil {
		return nil
	}
	if err := r.Verify(); err != nil {
		return fmt.Errorf("the geo database of %s (%s) is damaged: %w", of, r.Metadata.DatabaseType, err)
	}
	return nil
}

// Locate says where an address is. One that a database does not have is in
// Unknown, and in system 0. Nothing is known of it where there is no database,
// where that is damaged at this place, and of an IPv6 address in a database of
// IPv4.
func (db *DB) Locate(addr netip.Addr) webacl.Place {
	var place webacl.Place
	addr = addr.Unmap()
	if !addr.IsValid() {
		return place
	}
	rec := db.records.Get().(*record)
	defer db.records.Put(rec)
	if rec.find(db.country, addr) {
		place.HasCountry = true
		place.Country, place.Region = rec.country, rec.region
		if place.Country == "" {
			place.Country, place.Region = Unknown, ""
		}
		if place.Region == "" {
			place.Region = Unknown
		}
	}
	if rec.find(db.asn, addr) {
		place.HasASN, place.ASN = true, rec.asn
	}
	return place
}

// find reads the record of an address and says whether the database could say
// anything: that it has none is an answer, too.
func (rec *record) find(r *maxminddb.Reader, addr netip.Addr) bool {
	*rec = record{}
	if r == nil || addr.Is6() && r.Metadata.IPVersion == 4 {
		return false
	}
	result := r.Lookup(addr)
	if result.Err() != nil {
		return false
	}
	return !result.Found() || result.Decode(rec) == nil
}
