package traffic

import "fathom/engine/webacl/waflog"

// logRecord reads a line of AWS WAF's log.
func (r *reader) logRecord(line []byte, item *Item) {
	record, err := waflog.Parse(line)
	switch {
	case err != nil:
		item.problem("", "%v", err)
	case record.HTTPRequest == nil:
		item.problem("give the log of AWS WAF as it was written", "the record has no httpRequest")
	default:
		item.Request = record.ToRequest()
	}
}
