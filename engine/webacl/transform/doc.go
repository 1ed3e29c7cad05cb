// Package transform holds the text transformations of AWS WAF: what a rule does
// to a part of a request before it compares it. They are the transformations of
// ModSecurity by other names.
//
// It knows no rules and no requests: bytes in, bytes out.
//
//	out := transform.URLDecode.Append(nil, []byte("%3Cscript%3E")) // <script>
//
// AWS's documentation of TextTransformation decides; where it is silent ModSecurity
// does, as Coraza has it. They differ here, AWS first:
//
//	LOWERCASE            A to Z only; Coraza lowers all of Unicode
//	COMPRESS_WHITE_SPACE the byte 160 wherever it stands; Coraza only outside of
//	                     UTF-8 sequences, and U+0085 too
//	HTML_ENTITY_DECODE   quot, nbsp, lt, gt and numbers; Coraza all of HTML5. Numbers
//	                     to 255 are one byte, as nbsp is; in Coraza they are UTF-8,
//	                     and numbers that are no character are U+FFFD
//	BASE64_DECODE_EXT    leaves out what is not Base64; Coraza reads - and _ as + and /
//	HEX_DECODE           text that is not hexadecimal stays; Coraza reports an error
//	ESCAPE_SEQ_DECODE    what is no escape stays; Coraza drops its backslash. \0OOO
//	                     is one byte up to \0377
//	CSS_DECODE           at most two bytes of a code are read and one is written;
//	                     Coraza writes the whole code in UTF-8
//	NORMALIZE_PATH       the root stays one slash; Coraza makes two of it
//	NORMALIZE_PATH_WIN   no more than slashes; Coraza takes out streams (file::$DATA),
//	                     trailing dots and spaces
//	URL_DECODE_UNI       the low byte of %uHHHH, full-width forms folded; Coraza has a
//	                     table of look-alikes
//	UTF8_TO_UNICODE      bytes that are no UTF-8 stay; Coraza makes %ufffd of them
//	SQL_HEX_DECODE       Coraza has none
package transform
