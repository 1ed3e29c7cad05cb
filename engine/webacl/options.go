package webacl

// Options are what a Program is given besides the ACL. The zero Options decide
// less: what needs a missing part is undecidable.
type Options struct {
	// Managed finds a managed rule group. Nil knows none.
	Managed func(ManagedRef) (*Group, error)
	// Geo finds countries and autonomous systems.
	Geo Locator
	// Counter counts for rate-based rules.
	Counter Counter
	// Choices are the answers to what AWS's documentation leaves open.
	Choices Choices
}

// Choices are the answers to what AWS's documentation leaves open. The zero
// value is the documented default of each.
type Choices struct {
	// AbsentSize lets a size constraint on an absent part compare with 0. By
	// default it does not match, as every statement on an absent part.
	AbsentSize bool
	// OldCapacity uses the WCU of the documentation of 2023 for regular
	// expressions (4, and 40 for sets) and IP sets (2), instead of 3, 25 and 1.
	OldCapacity bool
}
