package supply

const (
	falcoNamespace  = "falco"
	falcoRepository = "falcosecurity/falco"
)
