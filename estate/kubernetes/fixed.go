package kubernetes

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
)

// epoch is the time that templates are told it is.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// standIn is a certificate and its key: their text says that they are none.
type standIn struct{ Cert, Key string }

const (
	standInCert = "-----BEGIN CERTIFICATE-----\nc3RhbmQtaW4=\n-----END CERTIFICATE-----\n"
	standInKey  = "-----BEGIN PRIVATE KEY-----\nc3RhbmQtaW4=\n-----END PRIVATE KEY-----\n"
	// standInHash is a bcrypt hash by its form.
	standInHash = "$2a$10$standinstandinstandinstandinstandinstandinstandinstand"
)

// fixedFuncs take the place of functions whose answer depends on the clock,
// the machine, random numbers or the order of a map.
var fixedFuncs = template.FuncMap{
	"now":            func() time.Time { return epoch },
	"ago":            func(any) string { return "0s" },
	"date":           func(format string, d any) string { return dateIn(format, d, "UTC") },
	"date_in_zone":   dateIn,
	"dateInZone":     dateIn,
	"htmlDate":       func(d any) string { return dateIn("2006-01-02", d, "UTC") },
	"htmlDateInZone": func(d any, zone string) string { return dateIn("2006-01-02", d, zone) },
	"toDate":         func(format, s string) time.Time { t, _ := time.Parse(format, s); return t },
	"mustToDate":     time.Parse,

	"randAlphaNum": letters,
	"randAlpha":    letters,
	"randAscii":    letters,
	"randNumeric":  func(n int) (string, error) { return repeated("0", n) },
	"randBytes": func(n int) (string, error) {
		s, err := repeated("\x00", n)
		return base64.StdEncoding.EncodeToString([]byte(s)), err
	},
	"randInt": func(least, _ int) int { return least },
	"shuffle": func(s string) string { return s },
	"uuidv4":  func() string { return "00000000-0000-4000-8000-000000000000" },

	"bcrypt":                   func(string) string { return standInHash },
	"htpasswd":                 func(user, _ string) string { return user + ":" + standInHash },
	"derivePassword":           func(_ uint32, _, _, _, _ string) string { return "stand-in" },
	"encryptAES":               func(_, s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"genPrivateKey":            func(string) string { return standInKey },
	"genCA":                    certificate,
	"genCAWithKey":             certificate,
	"genSelfSignedCert":        certificate,
	"genSelfSignedCertWithKey": certificate,
	"genSignedCert":            certificate,
	"genSignedCertWithKey":     certificate,
	"buildCustomCert":          certificate,

	"getHostByName": func(string) string { return "" },

	"keys": func(dicts ...map[string]any) []string {
		out := []string{}
		for _, d := range dicts {
			var names []string
			for k := range d {
				names = append(names, k)
			}
			slices.Sort(names)
			out = append(out, names...)
		}
		return out
	},
	"values": func(d map[string]any) []any {
		names := make([]string, 0, len(d))
		for k := range d {
			names = append(names, k)
		}
		slices.Sort(names)
		out := []any{}
		for _, k := range names {
			out = append(out, d[k])
		}
		return out
	},
}

func certificate(...any) standIn { return standIn{standInCert, standInKey} }

func letters(n int) (string, error) { return repeated("x", n) }

func repeated(s string, n int) (string, error) {
	if n < 0 {
		return "", fmt.Errorf("%d is less than 0", n)
	}
	if err := product(n, len(s)); err != nil {
		return "", err
	}
	return strings.Repeat(s, n), nil
}

var sprigDate = sprig.TxtFuncMap()["dateInZone"].(func(string, any, string) string)

// dateIn formats a date. Sprig takes what is no date for the time it is.
func dateIn(format string, d any, zone string) string {
	switch v := d.(type) {
	case time.Time, int64, int, int32:
	case *time.Time:
		if v == nil {
			d = epoch
		}
	default:
		d = epoch
	}
	if zone == "Local" {
		zone = "UTC"
	}
	return sprigDate(format, d, zone)
}
