package eval

import (
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"

	"github.com/apparentlymart/go-cidr/cidr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

func param(name string, ty cty.Type) function.Parameter {
	return function.Parameter{Name: name, Type: ty}
}

func prefix(v cty.Value) (*net.IPNet, error) {
	_, n, err := net.ParseCIDR(v.AsString())
	if err != nil {
		return nil, fmt.Errorf("%q is not an address range such as 10.0.0.0/16", v.AsString())
	}
	return n, nil
}

// whole reads a number that must be a whole one.
func whole(v cty.Value) (*big.Int, error) {
	f := v.AsBigFloat()
	if f.IsInf() || !f.IsInt() || f.MantExp(nil) > 256 {
		return nil, errors.New("a whole number is needed")
	}
	n, _ := f.Int(nil)
	return n, nil
}

func small(v cty.Value) (int, error) {
	n, err := whole(v)
	if err != nil {
		return 0, err
	}
	if !n.IsInt64() || n.Int64() < 0 || n.Int64() > 128 {
		return 0, fmt.Errorf("%s is not a number of bits", n)
	}
	return int(n.Int64()), nil
}

var cidrhostFunc = function.New(&function.Spec{
	Params: []function.Parameter{param("prefix", cty.String), param("hostnum", cty.Number)},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		n, err := prefix(args[0])
		if err != nil {
			return cty.DynamicVal, err
		}
		num, err := whole(args[1])
		if err != nil {
			return cty.DynamicVal, err
		}
		ip, err := cidr.HostBig(n, num)
		if err != nil {
			return cty.DynamicVal, err
		}
		return cty.StringVal(ip.String()), nil
	},
})

var cidrnetmaskFunc = function.New(&function.Spec{
	Params: []function.Parameter{param("prefix", cty.String)},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		n, err := prefix(args[0])
		if err != nil {
			return cty.DynamicVal, err
		}
		if len(n.Mask) != net.IPv4len {
			return cty.DynamicVal, errors.New("only an IPv4 range has a netmask")
		}
		return cty.StringVal(net.IP(n.Mask).String()), nil
	},
})

var cidrsubnetFunc = function.New(&function.Spec{
	Params: []function.Parameter{param("prefix", cty.String), param("newbits", cty.Number), param("netnum", cty.Number)},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		n, err := prefix(args[0])
		if err != nil {
			return cty.DynamicVal, err
		}
		bits, err := small(args[1])
		if err != nil {
			return cty.DynamicVal, err
		}
		num, err := whole(args[2])
		if err != nil {
			return cty.DynamicVal, err
		}
		sub, err := cidr.SubnetBig(n, bits, num)
		if err != nil {
			return cty.DynamicVal, err
		}
		return cty.StringVal(sub.String()), nil
	},
})

var cidrsubnetsFunc = function.New(&function.Spec{
	Params:   []function.Parameter{param("prefix", cty.String)},
	VarParam: &function.Parameter{Name: "newbits", Type: cty.Number},
	Type:     function.StaticReturnType(cty.List(cty.String)),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		n, err := prefix(args[0])
		if err != nil {
			return cty.DynamicVal, err
		}
		if len(args) == 1 {
			return cty.ListValEmpty(cty.String), nil
		}
		base, _ := n.Mask.Size()
		var out []cty.Value
		var current *net.IPNet
		for i, a := range args[1:] {
			bits, err := small(a)
			if err != nil {
				return cty.DynamicVal, err
			}
			if bits < 1 || base+bits > 8*len(n.IP) {
				return cty.DynamicVal, fmt.Errorf("there are not enough address bits for %d more", bits)
			}
			if i == 0 {
				current, err = cidr.Subnet(n, bits, 0)
			} else {
				var over bool
				current, over = cidr.NextSubnet(current, base+bits)
				if over || !n.Contains(current.IP) {
					err = fmt.Errorf("there is no room left for a range of %d more bits", bits)
				}
			}
			if err != nil {
				return cty.DynamicVal, err
			}
			out = append(out, cty.StringVal(current.String()))
		}
		return cty.ListVal(out), nil
	},
})

var cidrcontainsFunc = textFunc([]string{"containing", "contained"}, cty.Bool, func(in []string) (cty.Value, error) {
	outer, err := netip.ParsePrefix(in[0])
	if err != nil {
		return cty.DynamicVal, fmt.Errorf("%q is not an address range", in[0])
	}
	if addr, err := netip.ParseAddr(in[1]); err == nil {
		return cty.BoolVal(outer.Contains(addr)), nil
	}
	inner, err := netip.ParsePrefix(in[1])
	if err != nil {
		return cty.DynamicVal, fmt.Errorf("%q is not an address or an address range", in[1])
	}
	return cty.BoolVal(inner.Bits() >= outer.Bits() && outer.Contains(inner.Addr())), nil
})
