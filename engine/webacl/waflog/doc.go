// Package waflog is the log record of AWS WAF: one JSON object a line for every
// request that a web ACL looked at.
//
// A record that is parsed is written again as it was: members in their order,
// null as null, absent members absent, and members that this package does not
// know as they stood.
//
//	record, err := waflog.Parse(line)
//	request := record.ToRequest() // for replay; what the log does not hold is in Missing
//
//	record.Fill(&verdict, &request, waflog.Meta{WebACLID: arn})
//	line = append(record.Append(line[:0]), '\n')
//
// RedactedFields, LoggingFilter and DataProtection are what a web ACL's logging
// configuration does with records. It is no log writer, and reads no files:
// package traffic reads streams of records.
package waflog
