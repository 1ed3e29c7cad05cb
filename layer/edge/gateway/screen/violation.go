package screen

import "errors"

// Violation is what a client sent and must not.
type Violation struct {
	// Code is the status that it deserves; 0 where only closing helps.
	Code int
	// Reason is a word for counters: bare-lf, length-and-chunked, …
	Reason string
	// Detail says it in a sentence without a full stop.
	Detail string
}

func (v *Violation) Error() string { return v.Detail }

// Is lets errors.As find a Violation that net/http wrapped.
func violationOf(err error) *Violation {
	var v *Violation
	if errors.As(err, &v) {
		return v
	}
	return nil
}

// ViolationOf is the violation behind an error of reading a body, or nil.
func ViolationOf(err error) *Violation { return violationOf(err) }

// What a client may not do. They are values, not made anew for each request: an
// attacker should not choose how much is allocated.
var (
	badRequestLine   = &Violation{400, "request-line", "the request line is not METHOD TARGET HTTP/1.1"}
	badMethod        = &Violation{400, "method", "the method is not a token"}
	badTarget        = &Violation{400, "target", "the target of the request has a form or characters that it must not have"}
	badVersion       = &Violation{505, "version", "the version of HTTP is neither 1.1 nor 1.0"}
	longLine         = &Violation{414, "request-line-length", "the request line is too long"}
	longHead         = &Violation{431, "head-length", "the head of the request is too long"}
	manyFields       = &Violation{431, "head-fields", "the head of the request has too many lines"}
	bareLF           = &Violation{400, "bare-lf", "a line ends with LF instead of CRLF"}
	folded           = &Violation{400, "obs-fold", "a header goes on in the next line"}
	noColon          = &Violation{400, "field-line", "a line of the head has no colon"}
	badName          = &Violation{400, "field-name", "the name of a header is not a token"}
	badValue         = &Violation{400, "field-value", "the value of a header has control characters"}
	lookalike        = &Violation{400, "field-lookalike", "a header with an underscore has the name of one that frames or routes requests"}
	badLength        = &Violation{400, "content-length", "Content-Length is not a number"}
	twoLengths       = &Violation{400, "content-lengths", "there are several Content-Length headers"}
	lengthAndChunked = &Violation{400, "length-and-chunked", "there are both Content-Length and Transfer-Encoding"}
	badCoding        = &Violation{400, "transfer-encoding", "Transfer-Encoding is something else than one chunked"}
	oldChunked       = &Violation{400, "old-chunked", "a request of HTTP/1.0 has a Transfer-Encoding"}
	noHost           = &Violation{400, "no-host", "there is no Host header"}
	twoHosts         = &Violation{400, "hosts", "there are several Host headers"}
	badHost          = &Violation{400, "host", "Host has characters that it must not have"}
	otherHost        = &Violation{400, "other-host", "the target of the request names another host than Host"}
	badChunk         = &Violation{400, "chunk-size", "the size of a chunk is not a hexadecimal number"}
	bigChunk         = &Violation{413, "chunk-length", "a chunk is too long"}
	badExtension     = &Violation{400, "chunk-extension", "an extension of a chunk is too long or has control characters"}
	badChunkEnd      = &Violation{400, "chunk-end", "a chunk does not end with CRLF"}
	badTrailer       = &Violation{400, "trailer", "a trailer is none, or frames or routes requests"}
	slowHead         = &Violation{408, "slow-head", "the head of the request took too long"}
	silence          = &Violation{0, "silence", "the client connected and said nothing"}
	slowBody         = &Violation{408, "slow-body", "the body of the request came too slowly"}
)
