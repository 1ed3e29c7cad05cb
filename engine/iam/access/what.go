package access

// What returns what somebody may do, statement by statement, with what takes
// away from each.
func (w *World) What(who string) ([]Permission, error) { return nil, nil }
