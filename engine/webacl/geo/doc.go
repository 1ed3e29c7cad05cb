// Package geo finds the country, region and autonomous system of addresses in
// databases of MaxMind's format, which the user supplies.
//
//	db, err := geo.Open(country, asn) // the bytes of two .mmdb files, or nil
//	db.Locate(netip.MustParseAddr("192.0.2.1")) // {Country: "US", Region: "CA", …}
//
// Records are read by the names of their fields, so that GeoIP2 and GeoLite2
// (Country, City, Enterprise, ASN, ISP), DB-IP's of the same names and IPinfo's
// flat records need no setting.
//
// It holds no database itself, loads none, and does not say where an address
// really is: two databases differ, and AWS does not say which it uses.
package geo
