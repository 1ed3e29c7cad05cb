//go:build race

package agreetest

const raced = true
