package vpc

type (
	groupSet struct{}
	spot     struct{}
)
