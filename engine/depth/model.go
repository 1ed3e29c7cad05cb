package depth

// Options say how to count.
type Options struct {
	// Each counts every guard by itself. Otherwise guards that fall together
	// count once: those of one control, and those of a Cause.
	Each bool
	// Causes are further reasons for guards to fall together. They have no
	// effect with Each.
	Causes []Cause
	// Limit is the largest depth looked for, and "more than Limit" the answer
	// beyond it; 0 is DefaultLimit.
	Limit int
	// Gone are controls, whole layers, causes or single guards to take as defeated
	// already, by id or name: what if there were no network layer? A plan cannot
	// bring them back.
	Gone []string
}

// DefaultLimit is the largest depth that is told exactly unless Options say
// another.
const DefaultLimit = 8

// Cause is something whose failure takes several controls with it: a
// certificate authority, a role that may change them all, one toggle.
type Cause struct {
	// Name says what fails, as a noun phrase: `role "platform-admin"`.
	Name string
	// Fells says which guards fall with it. The cause is a unit beside those of the
	// controls, and units may overlap.
	Fells func(Guard) bool
}
