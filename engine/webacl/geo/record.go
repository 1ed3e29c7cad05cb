package geo

import (
	"errors"
	"strconv"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2/mmdbdata"
)

// record is what of a record is used, whatever the layout:
//
//	country: {iso_code: US}, subdivisions: [{iso_code: CA}]    MaxMind, DB-IP
//	autonomous_system_number: 15169                            MaxMind, DB-IP
//	country: US, asn: AS15169                                  IPinfo
//	country_code: US, country: United States, asn: AS15169     IPinfo Lite
//
// Empty and 0 are what the record does not say.
type record struct {
	country, region string
	asn             uint32
}

// maxEntries bounds maps and lists, of which real records have at most twenty.
const maxEntries = 256

var errTooMany = errors.New("a record has more fields than any layout")

// UnmarshalMaxMindDBCursor reads one record.
func (rec *record) UnmarshalMaxMindDBCursor(c mmdbdata.Cursor) (mmdbdata.Cursor, error) {
	*rec = record{}
	var flat string
	end, err := fields(c, func(key []byte, value mmdbdata.Cursor) (next mmdbdata.Cursor, err error) {
		switch string(key) {
		case "country":
			if kind, err := value.Kind(); err == nil && kind == mmdbdata.KindString {
				return text(value, &flat)
			}
			return iso(value, &rec.country)
		case "country_code":
			return text(value, &rec.country)
		case "subdivisions":
			return first(value, &rec.region)
		case "region_code":
			return text(value, &rec.region)
		case "asn", "autonomous_system_number":
			return system(value, &rec.asn)
		}
		return value.Skip()
	})
	if rec.country == "" {
		rec.country = flat
	}
	rec.country, rec.region = code(rec.country, 2, 2), code(rec.region, 1, 3)
	return end, err
}

// fields calls a function for each field of a map.
func fields(c mmdbdata.Cursor, each func([]byte, mmdbdata.Cursor) (mmdbdata.Cursor, error)) (mmdbdata.Cursor, error) {
	m, err := c.Map()
	if err != nil {
		return c, err
	}
	if m.Size() > maxEntries {
		return c, errTooMany
	}
	var done mmdbdata.Cursor
	for {
		key, value, more := m.Next(done)
		if !more {
			return m.End()
		}
		if done, err = each(key, value); err != nil {
			return c, err
		}
	}
}

// iso reads the field iso_code of a map.
func iso(c mmdbdata.Cursor, into *string) (mmdbdata.Cursor, error) {
	return fields(c, func(key []byte, value mmdbdata.Cursor) (mmdbdata.Cursor, error) {
		if string(key) == "iso_code" {
			return text(value, into)
		}
		return value.Skip()
	})
}

// first reads the iso_code of the first subdivision, which is the widest.
func first(c mmdbdata.Cursor, into *string) (mmdbdata.Cursor, error) {
	s, err := c.Slice()
	if err != nil {
		return c, err
	}
	if n, err := s.Size(); err != nil {
		return c, err
	} else if n > maxEntries {
		return c, errTooMany
	}
	var done mmdbdata.Cursor
	for {
		i, value, more := s.Next(done)
		if !more {
			return s.End()
		}
		if i == 0 {
			done, err = iso(value, into)
		} else {
			done, err = value.Skip()
		}
		if err != nil {
			return c, err
		}
	}
}

// text reads a string. Codes are short; what is longer is a name and no code.
func text(c mmdbdata.Cursor, into *string) (mmdbdata.Cursor, error) {
	s, next, err := c.ReadStringMaxSize(256)
	if err == nil {
		*into = s
	}
	return next, err
}

// system reads the number of an autonomous system: 15169, or AS15169.
func system(c mmdbdata.Cursor, into *uint32) (mmdbdata.Cursor, error) {
	if kind, err := c.Kind(); err != nil || kind != mmdbdata.KindString {
		n, next, err := c.ReadUint()
		if err == nil && n <= 1<<32-1 {
			*into = uint32(n)
		}
		return next, err
	}
	s, next, err := c.ReadStringMaxSize(64)
	if err != nil {
		return next, err
	}
	if n, err := strconv.ParseUint(strings.TrimPrefix(s, "AS"), 10, 32); err == nil {
		*into = uint32(n)
	}
	return next, nil
}

// code gives a code in capitals, or nothing if it is none. What a database says
// goes into labels.
func code(s string, shortest, longest int) string {
	if len(s) < shortest || len(s) > longest {
		return ""
	}
	for _, c := range []byte(s) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			if longest == 2 || c < '0' || c > '9' {
				return ""
			}
		}
	}
	return strings.ToUpper(s)
}
