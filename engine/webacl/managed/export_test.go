package managed

// Mapped are the ids of the Core Rule Set that are mapped.
func Mapped() []int { return mapped() }

// Mapping names the rules that are mapped: group and rule.
func Mapping() []string {
	var out []string
	for _, c := range counterparts {
		out = append(out, c.group+" "+c.rule)
	}
	return out
}

// Counterpart are the ids that answer for a rule.
func Counterpart(group, rule string) []int {
	for _, c := range counterparts {
		if c.group == group && c.rule == rule {
			return c.ids
		}
	}
	return nil
}
