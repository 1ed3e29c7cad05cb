//go:build !race

package agreetest

const raced = false
