package eval

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"golang.org/x/text/encoding/ianaindex"
)

var errNested = errors.New("brackets are nested too deeply")

func text1(f func(string) (string, error)) func([]string) (cty.Value, error) {
	return func(in []string) (cty.Value, error) {
		out, err := f(in[0])
		return cty.StringVal(out), err
	}
}

var (
	base64encodeFunc = textFunc([]string{"str"}, cty.String, text1(func(s string) (string, error) {
		return base64.StdEncoding.EncodeToString([]byte(s)), nil
	}))
	base64decodeFunc = textFunc([]string{"str"}, cty.String, text1(func(s string) (string, error) {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return "", errors.New("the text is not base64")
		}
		return utf8Text(b)
	}))
	base64gzipFunc = textFunc([]string{"str"}, cty.String, text1(func(s string) (string, error) {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, err := w.Write([]byte(s))
		return base64.StdEncoding.EncodeToString(b.Bytes()), errors.Join(err, w.Close())
	}))
	urlencodeFunc = textFunc([]string{"str"}, cty.String, text1(func(s string) (string, error) {
		return url.QueryEscape(s), nil
	}))
	urldecodeFunc = textFunc([]string{"str"}, cty.String, text1(func(s string) (string, error) {
		out, err := url.QueryUnescape(s)
		if err != nil {
			return "", err
		}
		return utf8Text([]byte(out))
	}))
	textencodebase64Func = textFunc([]string{"str", "encoding"}, cty.String, func(in []string) (cty.Value, error) {
		enc, err := ianaindex.IANA.Encoding(in[1])
		if err != nil || enc == nil {
			return cty.DynamicVal, fmt.Errorf("%q is not an encoding", in[1])
		}
		b, err := enc.NewEncoder().Bytes([]byte(in[0]))
		return cty.StringVal(base64.StdEncoding.EncodeToString(b)), err
	})
	textdecodebase64Func = textFunc([]string{"str", "encoding"}, cty.String, func(in []string) (cty.Value, error) {
		enc, err := ianaindex.IANA.Encoding(in[1])
		if err != nil || enc == nil {
			return cty.DynamicVal, fmt.Errorf("%q is not an encoding", in[1])
		}
		b, err := base64.StdEncoding.DecodeString(in[0])
		if err != nil {
			return cty.DynamicVal, errors.New("the text is not base64")
		}
		out, err := enc.NewDecoder().Bytes(b)
		return cty.StringVal(string(out)), err
	})
)

func utf8Text(b []byte) (string, error) {
	if !utf8.Valid(b) {
		return "", errors.New("the result is not UTF-8 text")
	}
	return string(b), nil
}

// digest is the hash that a function such as sha256 or filebase64sha512 names.
func digest(name string, b []byte) string {
	name = strings.TrimPrefix(name, "file")
	var sum []byte
	switch strings.TrimPrefix(name, "base64") {
	case "md5":
		h := md5.Sum(b)
		sum = h[:]
	case "sha1":
		h := sha1.Sum(b)
		sum = h[:]
	case "sha256":
		h := sha256.Sum256(b)
		sum = h[:]
	case "sha512":
		h := sha512.Sum512(b)
		sum = h[:]
	default: // filebase64
		return base64.StdEncoding.EncodeToString(b)
	}
	if strings.HasPrefix(name, "base64") {
		return base64.StdEncoding.EncodeToString(sum)
	}
	return hex.EncodeToString(sum)
}

func digestFunc(name string) function.Function {
	return textFunc([]string{"str"}, cty.String, text1(func(s string) (string, error) {
		return digest(name, []byte(s)), nil
	}))
}

// uuidv5Func makes the UUID of a name in a namespace, by RFC 9562.
var uuidv5Func = textFunc([]string{"namespace", "name"}, cty.String, func(in []string) (cty.Value, error) {
	spaces := map[string]string{
		"dns": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "url": "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
		"oid": "6ba7b812-9dad-11d1-80b4-00c04fd430c8", "x500": "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
	}
	ns := in[0]
	if s, ok := spaces[ns]; ok {
		ns = s
	}
	space, err := hex.DecodeString(strings.ReplaceAll(ns, "-", ""))
	if err != nil || len(space) != 16 {
		return cty.DynamicVal, fmt.Errorf("%q is not a namespace", in[0])
	}
	h := sha1.Sum(append(space, in[1]...))
	u := h[:16]
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	x := hex.EncodeToString(u)
	return cty.StringVal(x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]), nil
})

var timecmpFunc = textFunc([]string{"a", "b"}, cty.Number, func(in []string) (cty.Value, error) {
	a, err := time.Parse(time.RFC3339, in[0])
	if err != nil {
		return cty.DynamicVal, fmt.Errorf("%q is not an RFC 3339 time", in[0])
	}
	b, err := time.Parse(time.RFC3339, in[1])
	if err != nil {
		return cty.DynamicVal, fmt.Errorf("%q is not an RFC 3339 time", in[1])
	}
	return cty.NumberIntVal(int64(a.Compare(b))), nil
})

func yamlText(v cty.Value) (string, error) {
	out, err := yaml.YAMLEncodeFunc.Call([]cty.Value{v})
	if err != nil || !out.IsKnown() {
		return "", errors.Join(err, errors.New("the value cannot be written as YAML"))
	}
	return out.AsString(), nil
}

// yamlCost bounds what a YAML text stands for: aliases may multiply it, and
// compact sequences nest without brackets.
func yamlCost(args []cty.Value) int {
	s := textOf(args, 0)
	n := cellsCost(args)
	if n < 0 {
		return n
	}
	n += 1 + strings.Count(s, ":")
	depth, aliases := 0, 0
	for line := range strings.Lines(s) {
		depth = strings.Count(line, "- ") + strings.Count(line, "? ")
		if depth > maxNesting || len(line)-len(strings.TrimLeft(line, " ")) > 4*maxNesting {
			return -1
		}
		for i := 0; i+1 < len(line); i++ {
			if line[i] == '*' && (i == 0 || strings.IndexByte(" \t-,[{", line[i-1]) >= 0) && line[i+1] > ' ' {
				aliases++
			}
		}
	}
	if aliases > 0 {
		return int(min(float64(n)*math.Pow(3, float64(aliases)/3), math.MaxInt32))
	}
	return n
}
