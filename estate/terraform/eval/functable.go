package eval

import (
	"github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions are Terraform's functions by name. Where cty has one, it is cty's.
var functions map[string]*fn

func init() { // not a literal: some functions evaluate expressions, which call functions
	functions = map[string]*fn{
		// Numbers.
		"abs": std(stdlib.AbsoluteFunc), "ceil": std(stdlib.CeilFunc), "floor": std(stdlib.FloorFunc),
		"log": std(stdlib.LogFunc), "max": std(stdlib.MaxFunc), "min": std(stdlib.MinFunc),
		"parseint": priced(std(stdlib.ParseIntFunc), parseintCost), "pow": std(stdlib.PowFunc), "signum": std(stdlib.SignumFunc),
		"sum": native(sum, 1, 1),

		// Strings.
		"chomp": through(stdlib.ChompFunc), "endswith": std(endswithFunc),
		"format":     priced(through(stdlib.FormatFunc), formatCost),
		"formatlist": priced(through(stdlib.FormatListFunc), formatCost),
		"indent":     priced(through(stdlib.IndentFunc), indentCost),
		"join":       priced(through(stdlib.JoinFunc), joinCost), "lower": std(stdlib.LowerFunc),
		"regex": priced(std(stdlib.RegexFunc), regexCost), "regexall": priced(std(stdlib.RegexAllFunc), regexCost),
		"replace": priced(&fn{impl: replaceFunc, through: true, optional: 2}, replaceCost),
		"split":   native(split, 2, 2), "startswith": std(startswithFunc), "strcontains": std(strcontainsFunc),
		"strrev": std(stdlib.ReverseFunc), "substr": std(stdlib.SubstrFunc), "title": std(stdlib.TitleFunc),
		"trim": through(stdlib.TrimFunc), "trimprefix": through(stdlib.TrimPrefixFunc),
		"trimspace": through(stdlib.TrimSpaceFunc), "trimsuffix": through(stdlib.TrimSuffixFunc),
		"upper": std(stdlib.UpperFunc), "templatestring": native(templateString, 2, 2),

		// Lists, maps and sets.
		"alltrue": native(alltrue, 1, 1), "anytrue": native(anytrue, 1, 1),
		"chunklist": through(stdlib.ChunklistFunc), "coalesce": native(coalesce, 1, -1),
		"coalescelist": through(stdlib.CoalesceListFunc), "compact": native(compact, 1, 1),
		"concat": through(stdlib.ConcatFunc), "contains": native(containsValue, 2, 2),
		"distinct": priced(through(stdlib.DistinctFunc), squareCost), "element": native(element, 2, 2),
		"flatten": {impl: stdlib.FlattenFunc, through: true, flattens: true}, "index": native(indexOf, 2, 2), "keys": native(keys, 1, 1),
		"length": native(length, 1, 1), "list": native(removed, 0, -1), "lookup": native(lookup, 2, 3),
		"map": native(removed, 0, -1), "matchkeys": native(matchkeys, 3, 3), "merge": through(stdlib.MergeFunc),
		"one": native(one, 1, 1), "range": std(stdlib.RangeFunc), "reverse": through(stdlib.ReverseListFunc),
		"setintersection": through(stdlib.SetIntersectionFunc),
		"setproduct":      priced(through(stdlib.SetProductFunc), productCost),
		"setsubtract":     through(stdlib.SetSubtractFunc),
		"setunion":        through(stdlib.SetUnionFunc), "slice": through(stdlib.SliceFunc), "sort": through(stdlib.SortFunc),
		"transpose": native(transpose, 1, 1), "values": native(values, 1, 1), "zipmap": through(stdlib.ZipmapFunc),

		// Encodings.
		"base64decode": std(base64decodeFunc), "base64encode": std(base64encodeFunc), "base64gzip": std(base64gzipFunc),
		"csvdecode":  priced(std(stdlib.CSVDecodeFunc), cellsCost),
		"jsondecode": priced(through(stdlib.JSONDecodeFunc), cellsCost), "jsonencode": native(jsonencode, 1, 1),
		"textdecodebase64": std(textdecodebase64Func), "textencodebase64": std(textencodebase64Func),
		"urldecode": std(urldecodeFunc), "urlencode": std(urlencodeFunc),
		"yamldecode": priced(through(yaml.YAMLDecodeFunc), yamlCost), "yamlencode": native(yamlencode, 1, 1),

		// Files.
		"abspath": native(machine, 1, 1), "pathexpand": native(machine, 1, 1),
		"basename": std(basenameFunc), "dirname": std(dirnameFunc),
		"file": native(file, 1, 1), "filebase64": native(file, 1, 1), "fileexists": native(fileexists, 1, 1),
		"fileset": native(fileset, 2, 2), "templatefile": native(templateFile, 2, 2),
		"filebase64sha256": native(file, 1, 1), "filebase64sha512": native(file, 1, 1), "filemd5": native(file, 1, 1),
		"filesha1": native(file, 1, 1), "filesha256": native(file, 1, 1), "filesha512": native(file, 1, 1),

		// Time.
		"formatdate": std(stdlib.FormatDateFunc), "timeadd": std(stdlib.TimeAddFunc), "timecmp": std(timecmpFunc),
		"plantimestamp": native(later, 0, 0), "timestamp": native(later, 0, 0),

		// Hashes.
		"base64sha256": std(digestFunc("base64sha256")), "base64sha512": std(digestFunc("base64sha512")),
		"md5": std(digestFunc("md5")), "sha1": std(digestFunc("sha1")),
		"sha256": std(digestFunc("sha256")), "sha512": std(digestFunc("sha512")),
		"bcrypt": native(later, 1, 2), "rsadecrypt": native(later, 2, 2), "uuid": native(later, 0, 0), "uuidv5": std(uuidv5Func),

		// Networks.
		"cidrhost": std(cidrhostFunc), "cidrnetmask": std(cidrnetmaskFunc), "cidrsubnet": std(cidrsubnetFunc),
		"cidrsubnets": std(cidrsubnetsFunc), "cidrcontains": std(cidrcontainsFunc),

		// Types.
		"can": {native: can, lazy: true}, "try": {native: try, lazy: true}, "convert": {native: convertFn, lazy: true},
		"tobool": converts(cty.Bool), "tolist": converts(cty.List(cty.DynamicPseudoType)),
		"tomap": converts(cty.Map(cty.DynamicPseudoType)), "tonumber": converts(cty.Number),
		"toset": converts(cty.Set(cty.DynamicPseudoType)), "tostring": converts(cty.String),
		"sensitive": native(same, 1, 1), "nonsensitive": native(same, 1, 1), "ephemeralasnull": native(same, 1, 1),
		"issensitive": native(later, 1, 1), "type": native(later, 1, 1),
	}
}

// std is a function of cty whose result is unknown when an argument has a hole.
func std(f function.Function) *fn { return &fn{impl: f} }

// through is a function of cty that keeps the holes of its arguments.
func through(f function.Function) *fn { return &fn{impl: f, through: true} }

func native(f func(*funcCall) (cty.Value, *fault), least, most int) *fn {
	return &fn{native: f, min: least, max: most}
}

func priced(f *fn, cost func([]cty.Value) int) *fn {
	f.cost = cost
	return f
}

// converts is a conversion such as tolist.
func converts(ty cty.Type) *fn {
	return native(func(c *funcCall) (cty.Value, *fault) {
		v := c.args[0]
		if u := asUnsure(v); u != nil {
			v = c.e.mixHole([]*hole{u.why}).value(cty.DynamicPseudoType)
		}
		if w := weigh(v, maxValue); w > maxValue || !c.e.spend(w) {
			return v, c.p.fault("the arguments of %s are too large", c.name)
		}
		if vague(v) && !ty.IsPrimitiveType() {
			return v, nil // a list of unknown length is one however it is turned
		}
		out, err := c.e.convertTo(v, ty, nil)
		if err != nil {
			return v, c.p.fault("%s: %s", c.name, plain(err.Error()))
		}
		return out, nil
	}, 1, 1)
}
