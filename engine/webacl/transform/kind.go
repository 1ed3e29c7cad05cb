package transform

// Kind is a text transformation of AWS WAF. The zero Kind changes nothing.
type Kind uint8

// The transformations, in the order of the API's documentation of
// TextTransformation.
const (
	None Kind = iota
	CompressWhiteSpace
	HTMLEntityDecode
	Lowercase
	CmdLine
	URLDecode
	Base64Decode
	HexDecode
	MD5
	ReplaceComments
	EscapeSeqDecode
	SQLHexDecode
	CSSDecode
	JSDecode
	NormalizePath
	NormalizePathWin
	RemoveNulls
	ReplaceNulls
	Base64DecodeExt
	URLDecodeUni
	UTF8ToUnicode
	kinds // how many there are
)

var names = [kinds]string{
	None:               "NONE",
	CompressWhiteSpace: "COMPRESS_WHITE_SPACE",
	HTMLEntityDecode:   "HTML_ENTITY_DECODE",
	Lowercase:          "LOWERCASE",
	CmdLine:            "CMD_LINE",
	URLDecode:          "URL_DECODE",
	Base64Decode:       "BASE64_DECODE",
	HexDecode:          "HEX_DECODE",
	MD5:                "MD5",
	ReplaceComments:    "REPLACE_COMMENTS",
	EscapeSeqDecode:    "ESCAPE_SEQ_DECODE",
	SQLHexDecode:       "SQL_HEX_DECODE",
	CSSDecode:          "CSS_DECODE",
	JSDecode:           "JS_DECODE",
	NormalizePath:      "NORMALIZE_PATH",
	NormalizePathWin:   "NORMALIZE_PATH_WIN",
	RemoveNulls:        "REMOVE_NULLS",
	ReplaceNulls:       "REPLACE_NULLS",
	Base64DecodeExt:    "BASE64_DECODE_EXT",
	URLDecodeUni:       "URL_DECODE_UNI",
	UTF8ToUnicode:      "UTF8_TO_UNICODE",
}

// String is the name that the API uses.
func (k Kind) String() string {
	if k >= kinds {
		return "UNKNOWN"
	}
	return names[k]
}

// Parse finds a transformation by the name that the API uses.
func Parse(name string) (Kind, bool) {
	for k, n := range names {
		if n == name {
			return Kind(k), true
		}
	}
	return None, false
}

// All lists every transformation.
func All() []Kind {
	ks := make([]Kind, kinds)
	for i := range ks {
		ks[i] = Kind(i)
	}
	return ks
}
