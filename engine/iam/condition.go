package iam

// failed returns the first condition of a statement that does not hold.
func (e *eval) failed(s *Statement) *Condition {
	for i := range s.Conditions {
		if c := &s.Conditions[i]; !e.holds(c) {
			return c
		}
	}
	return nil
}

// holds decides one condition (IAM User Guide, "Condition operators" and
// "Conditions with multiple context keys or values").
func (e *eval) holds(c *Condition) bool {
	op := &c.Operator
	values, multi, ok := e.key(c.Key)
	if op.Test == Null {
		for i := range c.operands {
			if o := &c.operands[i]; o.good && o.truth == !ok {
				return true
			}
		}
		return false
	}
	if !ok {
		switch {
		case op.IfExists || op.Set == ForAllValues:
			return true
		case op.Set == ForAnyValue:
			return false
		}
		return op.Negated
	}
	switch {
	case op.Set == ForAllValues:
		for _, v := range values {
			if !e.passes(c, v) {
				return false
			}
		}
		return true
	case op.Set == ForAnyValue || multi && e.o.AnyOfMany:
		for _, v := range values {
			if e.passes(c, v) {
				return true
			}
		}
		return false
	case multi:
		return false
	}
	return e.passes(c, values[0])
}

// passes says whether one value of the request passes: it equals one of the
// condition's values or, for a negated operator, none of them.
func (e *eval) passes(c *Condition, value string) bool {
	for i := range c.operands {
		if c.operands[i].equals(c.Operator.Test, value, e) {
			return !c.Operator.Negated
		}
	}
	return c.Operator.Negated
}
