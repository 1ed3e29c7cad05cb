package supply

const falcoNamespace = "falco"
